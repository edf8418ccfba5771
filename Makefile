# Each target is a single command that does its own set-up. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

RELEASE := .build/release
# The plugin links the Swift runtime statically, so that it loads on machines without Swift, and exports only its entry
# point. Where gold is missing, as in Debian 13, Swift's lld links, since GNU ld leaves relocations writable; not every
# program has that entry point.
LINKER := $(if $(shell command -v ld.gold),,-Xswiftc -use-ld=lld -Xlinker --undefined-version)
BUILD := swift build -c release -Xswiftc -static-stdlib $(LINKER) \
	-Xlinker --version-script=$(CURDIR)/Plugins/GstPentimento/exports.map
SOURCES := Sources Plugins Tests Examples Benchmarks

# Paths for `install`: root installs for all users, others for themselves.
DESTDIR ?=
ifeq ($(shell id -u),0)
PREFIX ?= /usr/local
PLUGINS ?= $(shell pkg-config --variable=pluginsdir gstreamer-1.0 2>/dev/null)
else
PREFIX ?= $(HOME)/.local
PLUGINS ?= $(HOME)/.local/share/gstreamer-1.0/plugins
endif
ZSH ?= $(PREFIX)/share/zsh/site-functions
BIN := $(DESTDIR)$(PREFIX)/bin
MANUAL := $(DESTDIR)$(PREFIX)/share/man/man1
BASH_COMPLETIONS := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
FISH_COMPLETIONS := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
SHARE := $(DESTDIR)$(PREFIX)/share/pentimento
# Models that earlier versions installed. They would hide the styles of the same names in paintings.safetensors.
RETIRED := $(addsuffix .safetensors,great-wave scream scream-sphere starry-night wheat-field)

.PHONY: help deps build demo test sanitize bench fuzz soak kill lint docs gallery styles install copy deb uninstall clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

deps: ## install missing packages (apt, as root or with sudo)
	@Scripts/dependencies

build: deps ## build the command line and the plugin with its models, in .build/release
	@$(BUILD)
	@mkdir -p $(RELEASE)/pentimento-models $(RELEASE)/pentimento-photographs
	@rm -f $(addprefix $(RELEASE)/pentimento-models/,$(RETIRED))
	@cp -u Plugins/GstPentimento/Models/*.safetensors $(RELEASE)/pentimento-models/
	@cp -u Examples/photographs/*.jpg $(RELEASE)/pentimento-photographs/
	@Scripts/manual $(RELEASE)

demo: build ## stylize the bundled clip: demo/scream.mp4, demo/comparison.png and a table
	@Scripts/demo

test: deps ## run all tests
	@Scripts/test

sanitize: deps ## fuzz under the address, undefined-behaviour and thread sanitizers; SECONDS=60 per target
	@Scripts/sanitize address $(or $(SECONDS),60)
	@Scripts/sanitize thread $(or $(SECONDS),60)

bench: build ## compare speed and accuracy with other programs
	@Benchmarks/run

fuzz: deps ## fuzz every parser, network and element: make fuzz SECONDS=600 (per target)
	@Scripts/fuzz $(or $(SECONDS),600)

soak: build ## process a day's frames at a small size; memory and open files must not grow (about 20 minutes)
	@$(RELEASE)/pentimento-bench soak
	@$(RELEASE)/pentimento-bench soak-live

kill: build ## kill long runs at random moments; no partial files, no lost results
	@Scripts/kill

lint: ## check the sources with `swift format`, and the spelling
	@swift format lint --strict -r --configuration .swift-format $(wildcard $(SOURCES)) Package.swift
	@Scripts/spelling

docs: build ## update the elements' pages and GStreamer's documentation cache from gst-inspect
	@Docs/elements/update

styles: build ## retrain the shipped styles: make styles PHOTOS=DIR [VIDEOS=DIR] (hours)
	@test -n "$(PHOTOS)" || \
		{ echo "say PHOTOS=FOLDER, photographs to train on; Docs/Training.md says where to get some" >&2; exit 1; }
	@Scripts/train-styles --photos "$(PHOTOS)" $(if $(VIDEOS),--videos "$(VIDEOS)")

gallery: build ## regenerate Docs/Gallery, each shipped style on the same frames
	@Scripts/gallery

install: build ## install plugin, command line, models and pipelines, for all users (root) or for you
	@$(MAKE) --no-print-directory copy

# The last step of `install`, and of making packages.
copy:
	@test -n "$(PLUGINS)" || \
		{ echo "pkg-config does not know gstreamer-1.0's plugin folder; say PLUGINS=FOLDER" >&2; exit 1; }
	install -D -m 755 $(RELEASE)/pentimento $(BIN)/pentimento
	install -D -m 755 $(RELEASE)/libgstpentimento.so $(DESTDIR)$(PLUGINS)/libgstpentimento.so
	rm -f $(addprefix $(SHARE)/models/,$(RETIRED))
	install -D -m 644 -t $(SHARE)/models Plugins/GstPentimento/Models/*.safetensors
	install -D -m 644 -t $(MANUAL) $(RELEASE)/share/man/man1/*.1
	install -D -m 644 -t $(BASH_COMPLETIONS) $(RELEASE)/share/bash-completion/completions/pentimento
	install -D -m 644 -t $(DESTDIR)$(ZSH) $(RELEASE)/share/zsh/site-functions/_pentimento
	install -D -m 644 -t $(FISH_COMPLETIONS) $(RELEASE)/share/fish/vendor_completions.d/pentimento.fish
	install -D -m 644 -t $(SHARE)/pipelines Pipelines/*.gst
	install -D -m 644 -t $(SHARE)/photographs Examples/photographs/*.jpg
	install -D -m 644 Examples/photographs/CREDITS.md $(SHARE)/photographs-credits.md
	install -D -m 644 -t $(SHARE)/media Examples/media/cockatoo.mp4
	ln -sfn $(PREFIX)/share/pentimento/models $(DESTDIR)$(PLUGINS)/pentimento-models

deb: build ## make Debian packages in .build/packages
	@Scripts/deb

uninstall: ## remove what install installed
	@test -n "$(PLUGINS)" || { echo "say PLUGINS=FOLDER, where the plugin was installed" >&2; exit 1; }
	rm -f $(BIN)/pentimento $(DESTDIR)$(PLUGINS)/libgstpentimento.so $(DESTDIR)$(PLUGINS)/pentimento-models
	rm -f $(MANUAL)/pentimento.1 $(MANUAL)/pentimento-*.1 $(BASH_COMPLETIONS)/pentimento $(DESTDIR)$(ZSH)/_pentimento \
		$(FISH_COMPLETIONS)/pentimento.fish
	rm -rf $(SHARE)/models $(SHARE)/pipelines $(SHARE)/media $(SHARE)/photographs $(SHARE)/photographs-credits.md
	-rmdir $(SHARE) 2>/dev/null

clean: ## remove build products
	rm -rf .build .build-tests .build-sanitizers .build-fuzz .fuzz demo
