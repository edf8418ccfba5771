# Each target is one command that does its own set-up. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

RELEASE := .build/release
# The plugin carries the Swift runtime, so that it loads on machines without Swift, and shows nothing but its entry point.
BUILD := swift build -c release -Xswiftc -static-stdlib -Xlinker --version-script=$(CURDIR)/Plugins/GstPentimento/exports.map
SOURCES := Sources Plugins Tests Examples Benchmarks

# Where `install` puts things: root installs for everybody, others for themselves.
DESTDIR ?=
ifeq ($(shell id -u),0)
PREFIX ?= /usr/local
PLUGINS ?= $(shell pkg-config --variable=pluginsdir gstreamer-1.0 2>/dev/null)
else
PREFIX ?= $(HOME)/.local
PLUGINS ?= $(HOME)/.local/share/gstreamer-1.0/plugins
endif
BIN := $(DESTDIR)$(PREFIX)/bin
SHARE := $(DESTDIR)$(PREFIX)/share/pentimento

.PHONY: help deps build demo test sanitize bench fuzz soak kill lint docs gallery styles install uninstall clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

deps: ## install what this machine lacks (apt, as root or by sudo)
	@Scripts/dependencies

build: deps ## the release: command line and plugin with its models, in .build/release
	@$(BUILD)
	@mkdir -p $(RELEASE)/pentimento-models
	@cp -u Plugins/GstPentimento/Models/*.safetensors $(RELEASE)/pentimento-models/

demo: build ## stylize the bundled clip: demo/scream.mp4, demo/comparison.png and a table
	@Scripts/demo

test: deps ## every test
	@Scripts/test

sanitize: deps ## damaged inputs under the address, undefined-behaviour and thread sanitizers: make sanitize SECONDS=60 (each)
	@Scripts/sanitize address $(or $(SECONDS),60)
	@Scripts/sanitize thread $(or $(SECONDS),60)

bench: build ## measure against the peers, side by side
	@Benchmarks/run

fuzz: deps ## damaged inputs for every parser, network and element: make fuzz SECONDS=600 (each)
	@Scripts/fuzz $(or $(SECONDS),600)

soak: build ## a day's frames at a small size: memory and open files must not grow (some 20 minutes)
	@$(RELEASE)/pentimento-bench soak

kill: build ## SIGKILL at random moments: nothing half written, nothing lost
	@Scripts/kill

lint: ## say where `swift format` disagrees
	@swift format lint --strict -r --configuration .swift-format $(wildcard $(SOURCES)) Package.swift

docs: build ## write the elements' pages anew from gst-inspect
	@Docs/elements/update

styles: build ## train the styles that ship anew: make styles PHOTOS=DIR [STYLES="scream ..."] (hours)
	@test -n "$(PHOTOS)" || { echo "say PHOTOS=FOLDER, photographs to train on; Docs/Training.md says where to get some" >&2; exit 1; }
	@Scripts/train-styles --photos "$(PHOTOS)" $(if $(VIDEOS),--videos "$(VIDEOS)") $(STYLES)

gallery: build ## draw Docs/Gallery anew, each style that ships on the same frames
	@Scripts/gallery

install: build ## plugin, command line, models and pipelines, for everybody (root) or for you
	@test -n "$(PLUGINS)" || { echo "pkg-config does not know gstreamer-1.0's plugin folder; say PLUGINS=FOLDER" >&2; exit 1; }
	install -D -m 755 $(RELEASE)/pentimento $(BIN)/pentimento
	install -D -m 755 $(RELEASE)/libgstpentimento.so $(DESTDIR)$(PLUGINS)/libgstpentimento.so
	install -D -m 644 -t $(SHARE)/models Plugins/GstPentimento/Models/*.safetensors
	install -D -m 644 -t $(SHARE)/pipelines Pipelines/*.gst
	ln -sfn $(PREFIX)/share/pentimento/models $(DESTDIR)$(PLUGINS)/pentimento-models

uninstall: ## take back what install put there
	@test -n "$(PLUGINS)" || { echo "say PLUGINS=FOLDER, where the plugin was installed" >&2; exit 1; }
	rm -f $(BIN)/pentimento $(DESTDIR)$(PLUGINS)/libgstpentimento.so $(DESTDIR)$(PLUGINS)/pentimento-models
	rm -rf $(SHARE)/models $(SHARE)/pipelines
	-rmdir $(SHARE) 2>/dev/null

clean: ## remove what was built
	rm -rf .build .build-tests .build-sanitizers .build-fuzz .fuzz demo
