# Turns what gst-inspect-1.0 says of an element, the variable `element`, into lines for GStreamer's documentation cache:
# a path of keys, a tab, and the value in JSON. Keys of a list start with #. Properties of base classes are left out.

function quote(text, i, letter, result) {
    for (i = 1; i <= length(text); i++) {
        letter = substr(text, i, 1)
        result = result (index("\"\\", letter) ? "\\" : "") letter
    }
    return "\"" result "\""
}

function put(path, json) {
    gsub(/\//, "\001", path)
    print path "\t" json
}

function choose(condition) { return condition ? "true" : "false" }

function finishPad() {
    if (pad != "") put(place "/pad-templates/" pad "/caps", "\"" caps "\"")
    pad = caps = ""
}

/^Factory Details:/ { section = "factory"; next }
/^Plugin Details:/ { section = "plugin"; next }
/^GObject$/ { section = "hierarchy"; depth = 99 }
/^Implemented Interfaces:/ { section = "interfaces"; next }
/^Pad Templates:/ { section = "pads"; next }
/^Element Properties:/ { finishPad(); section = "properties"; next }
/^[A-Z]/ && section != "hierarchy" { section = "" }
/^ *$/ { if (section == "hierarchy" || section == "interfaces") section = ""; next }

# The plugin's name comes after the element's facts, which are kept until then.
section == "factory" { fact[$1] = $1 == "Rank" ? $2 : substr($0, 28) }
section == "plugin" {
    value = substr($0, 28)
    if ($1 == "Name") {
        plugin = value
        place = plugin "/elements/" element
        for (key in fact) put(place "/" tolower(key), quote(fact[key]))
        put(plugin "/tracers", "{}")
    }
    if ($1 == "Filename") {
        sub(/.*\/(lib)?/, "", value)
        sub(/\.so$/, "", value)
        put(plugin "/filename", quote(value))
    }
    if ($1 == "Description" || $1 == "License") put(plugin "/" tolower($1), quote(value))
    if ($1 == "Source" || $1 == "Binary") put(plugin "/" ($1 == "Source" ? "source" : "package"), quote(value))
    if ($1 == "Origin") put(plugin "/url", quote(value))
}
section == "hierarchy" { sub(/^[ +-]*/, ""); put(place "/hierarchy/#" depth--, quote($1)) }
section == "interfaces" { put(place "/interfaces/#" $1, quote($1)) }
section == "pads" && / template: / {
    finishPad()
    pad = $3
    gsub(/'/, "", pad)
    put(place "/pad-templates/" pad "/direction", quote(tolower($1)))
    next
}
section == "pads" && /Availability: / { put(place "/pad-templates/" pad "/presence", quote(tolower($2))); next }
section == "pads" && /^      [^ ]/ { caps = caps $1 ":\\n" }
section == "pads" && /^       / { gsub(/\(string\)/, ""); caps = caps substr($0, 9) "\\n" }

section == "properties" && match($0, /^  [a-z][a-z0-9-]* *: /) {
    property = $1
    sub(/:$/, "", property)
    if (property ~ /^(name|parent|qos|async-handling|message-forward)$/) property = ""
    where = place "/properties/" property
    if (property != "") put(where "/blurb", quote(substr($0, RLENGTH + 1)))
    next
}
section != "properties" || property == "" { next }
/ flags: / {
    split("conditionally-available construct construct-only", never, " ")
    for (key in never) put(where "/" never[key], "false")
    put(where "/controllable", choose($0 ~ /controllable/))
    put(where "/readable", choose($0 ~ /readable/))
    put(where "/writable", choose($0 ~ /writable/))
    put(where "/mutable", quote(/PLAYING/ ? "playing" : /PAUSED/ ? "paused" : /READY/ ? "ready" : "null"))
    next
}
/^ +\([-0-9]+\): / {
    match($0, / +- /)
    number = $1
    gsub(/[():]/, "", number)
    row = plugin "/other-types/" type "/values/#" sprintf("%03d", number)
    put(row "/desc", quote(substr($0, RSTART + RLENGTH)))
    put(row "/name", quote($2))
    put(row "/value", quote(number))
    next
}
/Default: / {
    preset = $0
    sub(/.*Default: */, "", preset)
    sub(/ *$/, "", preset)
    type = "g" tolower($1)
    sub(/\..*/, "", type)
    if (/ Enum /) {
        type = $2
        gsub(/"/, "", type)
        split(preset, part, /, /)
        preset = part[2] " (" part[1] ")"
        put(plugin "/other-types/" type "/kind", quote("enum"))
    }
    gsub(/"/, "", preset)
    if (type == "ginteger") type = "gint"
    if (type == "gunsigned") type = "guint64"
    if (type == "gstring") type = "gchararray"
    if (match($0, /Range: +/)) {
        split(substr($0, RSTART + RLENGTH), part, / +/)
        put(where "/min", quote(part[1]))
        put(where "/max", quote(part[3]))
    }
    put(where "/type", quote(type))
    put(where "/default", quote(preset))
}
