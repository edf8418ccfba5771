// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "pentimento",
    products: [
        .library(name: "gstpentimento", type: .dynamic, targets: ["GstPentimento"]),
        .executable(name: "pentimento", targets: ["pentimento"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        // C: loops that need wide instructions, and what Swift cannot import.
        // What kernels take for granted is checked in debug builds, and by Scripts/sanitize.
        .target(
            name: "CKernels",
            cSettings: [.define("KERNEL_ASSERTS", .when(configuration: .debug))]
                + ["simd", "image", "flow", "convolution", "backward", "losses"].map { .headerSearchPath($0) }),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(
            name: "CAVFormat", pkgConfig: "libavformat libavcodec libswresample libswscale libavutil",
            providers: [.apt(["libavformat-dev"])]),
        .systemLibrary(
            name: "CPictures",
            pkgConfig: "gdk-pixbuf-2.0 lcms2 libpng libturbojpeg libwebp libwebpdemux zlib",
            providers: [
                .apt([
                    "libgdk-pixbuf-2.0-dev", "liblcms2-dev", "libpng-dev", "libturbojpeg0-dev", "libwebp-dev",
                    "zlib1g-dev",
                ])
            ]),
        .systemLibrary(
            name: "CGStreamer",
            pkgConfig: "gstreamer-video-1.0 gstreamer-base-1.0 gstreamer-app-1.0 gstreamer-pbutils-1.0",
            providers: [.apt(["libgstreamer-plugins-base1.0-dev"])]),

        .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
        .systemLibrary(
            name: "CGStreamerCheck", pkgConfig: "gstreamer-check-1.0 gstreamer-controller-1.0",
            providers: [.apt(["libgstreamer1.0-dev"])]),

        // Files, digests, JSON, random numbers, limits: what every module may use.
        .target(name: "Support"),

        // A film's shots, as a file says them.
        .target(name: "Shots", dependencies: ["Support"]),

        // Algorithms: no GStreamer.
        .target(name: "Imaging", dependencies: ["CKernels", "Support"]),
        .target(name: "Flow", dependencies: ["Imaging", "CKernels", "Support"]),
        .target(name: "ModelFiles", dependencies: ["Support"]),
        .target(name: "NeuralNet", dependencies: ["ModelFiles", "Imaging", "CKernels", "COpenBLAS", "Support"]),
        .target(name: "Style", dependencies: ["Flow", "NeuralNet", "ModelFiles", "Imaging", "CKernels", "Support"]),
        .target(name: "Sphere", dependencies: ["Style", "NeuralNet", "Imaging", "CKernels", "Support"]),
        .target(name: "Evaluation", dependencies: ["Sphere", "Style", "Flow", "NeuralNet", "Imaging", "Support"]),
        .target(
            name: "Training",
            dependencies: ["Evaluation", "Style", "Flow", "NeuralNet", "ModelFiles", "Imaging", "Support"]),

        // The paper's tables: runs of the other modules, and their results.
        .target(
            name: "Reproduction",
            dependencies: [
                "MediaIO", "Training", "Evaluation", "Sphere", "Style", "Flow", "NeuralNet", "ModelFiles", "Imaging",
                "Support",
            ]),

        // GStreamer: no arithmetic. The plugin that is shipped carries the Swift runtime and shows one symbol:
        // swift build -c release -Xswiftc -static-stdlib -Xlinker --version-script=$PWD/Plugins/GstPentimento/exports.map
        .target(name: "GStreamerKit", dependencies: ["CGStreamer", "Imaging"]),
        .target(name: "MediaIO", dependencies: ["GStreamerKit", "CGStreamer", "CPictures", "Imaging", "Support"]),
        // Apart from MediaIO, so that the plugin needs no libavformat.
        .target(
            name: "Conversions",
            dependencies: ["MediaIO", "GStreamerKit", "CGStreamer", "CAVFormat", "Imaging", "Support"]),
        .target(
            name: "GstPentimento",
            dependencies: [
                "GStreamerKit", "MediaIO", "CGStreamer", "Evaluation", "Sphere", "Style", "Flow", "NeuralNet",
                "ModelFiles", "Imaging", "Support",
            ],
            path: "Plugins/GstPentimento", exclude: ["Models", "exports.map"]),

        // The studio: what a person drives while the painting plays, and the ways to drive it. No GStreamer.
        .target(name: "Studio", dependencies: ["Support"]),
        .target(
            name: "StudioServer",
            dependencies: ["Studio", "Support", .product(name: "FlyingSocks", package: "FlyingFox")],
            // In the program itself, so that it can be copied alone.
            resources: [.embedInCode("Resources/Studio.html"), .embedInCode("Resources/openapi.json")]),
        // Open Sound Control and MIDI.
        .target(name: "StudioControls", dependencies: ["Studio", "Support", "CALSA"]),
        // The painting that plays: inputs that come back, outputs that may go away.
        .target(
            name: "LivePipeline",
            dependencies: [
                "Studio", "GstPentimento", "GStreamerKit", "MediaIO", "CGStreamer", "Style", "NeuralNet", "ModelFiles",
                "Imaging", "Support",
            ]),
        .executableTarget(
            name: "pentimento",
            dependencies: [
                "GstPentimento", "GStreamerKit", "CGStreamer", "Conversions", "MediaIO", "Reproduction", "Training",
                "Evaluation", "Sphere", "Style", "Flow", "NeuralNet", "ModelFiles", "Imaging", "COpenBLAS", "Shots",
                "LivePipeline", "StudioServer", "StudioControls", "Studio",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), "Support",
            ],
            // In the program itself, so that it can be copied alone.
            resources: [.embedInCode("Resources/SphereViewer.html"), .embedInCode("Resources/Survey.html")]),

        // Measurements, also of other programs.
        .executableTarget(
            name: "pentimento-bench",
            dependencies: [
                "GstPentimento", "CGStreamer", "Conversions", "MediaIO", "Reproduction", "Training", "Evaluation",
                "Sphere", "Style", "Flow", "NeuralNet", "ModelFiles", "Imaging", "CKernels", "COneDNN", "COpenBLAS",
                "LivePipeline", "StudioServer", "Studio", "Support",
            ]),

        // Damaged inputs for everything that reads any.
        .executableTarget(
            name: "pentimento-fuzz",
            dependencies: [
                "GstPentimento", "GStreamerKit", "CGStreamer", "Conversions", "MediaIO", "Training", "Style", "Flow",
                "NeuralNet", "ModelFiles", "Imaging", "StudioControls", "StudioServer", "Studio", "Support",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // The manual pages, from the help of `pentimento`.
        .executableTarget(name: "pentimento-manual", dependencies: ["Support"]),

        .executableTarget(
            name: "change-style", dependencies: ["GstPentimento", "CGStreamer"], path: "Examples/ChangeStyle"),

        .testTarget(name: "SupportTests", dependencies: ["Support", "TestSupport"]),
        .testTarget(name: "ShotsTests", dependencies: ["Shots", "TestSupport"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "Imaging", "Flow", "NeuralNet", "TestSupport"]),
        .testTarget(
            name: "ImagingTests", dependencies: ["Imaging", "CKernels", "TestSupport", "Support"], exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "FlowTests", dependencies: ["Flow", "MediaIO", "Imaging", "CKernels", "TestSupport", "Support"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "ModelFilesTests", dependencies: ["ModelFiles", "TestSupport", "Support"], exclude: ["Fixtures"]),
        .testTarget(
            name: "NeuralNetTests",
            dependencies: [
                "ReferenceNetwork", "NeuralNet", "ModelFiles", "Imaging", "CKernels", "TestSupport", "Support",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "StyleTests",
            dependencies: ["Style", "NeuralNet", "ModelFiles", "Evaluation", "MediaIO", "TestSupport", "Support"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "MediaIO", "Style", "Flow", "NeuralNet", "ModelFiles", "Imaging", "CKernels", "TestSupport",
                "Support",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "SphereTests",
            dependencies: ["Sphere", "Style", "NeuralNet", "Imaging", "CKernels", "MediaIO", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Evaluation", "Sphere", "Flow", "NeuralNet", "ModelFiles", "Imaging", "TestSupport", "Support",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "ReproductionTests",
            dependencies: [
                "Reproduction", "Evaluation", "MediaIO", "Style", "Flow", "NeuralNet", "Imaging", "TestSupport",
                "Support",
            ]),
        .testTarget(
            name: "GStreamerKitTests", dependencies: ["GStreamerKit", "CGStreamer", "CGStreamerCheck", "Imaging"]),
        .testTarget(
            name: "GstPentimentoTests",
            dependencies: [
                "GstPentimento", "GStreamerKit", "CGStreamer", "CGStreamerCheck", "MediaIO", "Sphere", "TestSupport",
                "Support",
            ],
            path: "Tests/GstPentimentoTests"),
        .testTarget(
            name: "MediaIOTests", dependencies: ["Conversions", "MediaIO", "Imaging", "TestSupport", "Support"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "LivePipelineTests",
            dependencies: [
                "LivePipeline", "Studio", "GstPentimento", "MediaIO", "Style", "Imaging", "TestSupport",
            ]),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "Conversions", "MediaIO", "Training", "Sphere", "Flow", "NeuralNet", "Imaging", "Style", "TestSupport",
                "pentimento",
                "Shots", "Support",
            ],
            exclude: ["Fixtures"]),
        .testTarget(name: "StudioTests", dependencies: ["Studio", "TestSupport", "Support"]),
        .testTarget(
            name: "StudioControlsTests", dependencies: ["StudioControls", "Studio", "TestSupport", "Support"]),
        .testTarget(
            name: "StudioServerTests",
            dependencies: ["StudioServer", "Studio", "LivePipeline", "Style", "TestSupport", "Support"]),
        // What several test targets need: where fixtures and optional data lie, images with known motion.
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(
            name: "TestSupport", dependencies: ["CTestSupport", "Imaging", "Flow", "NeuralNet", "CKernels", "Support"],
            path: "Tests/TestSupport"),
        // The networks, losses and gradients as they are defined: slow, in double precision. The fast ones are tested
        // against them.
        .target(name: "ReferenceNetwork", dependencies: ["NeuralNet", "Imaging"], path: "Tests/ReferenceNetwork"),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
