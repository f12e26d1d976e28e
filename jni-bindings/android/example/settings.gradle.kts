pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}
dependencyResolutionManagement {
    repositories {
        // What `make android-aar` laid out.
        maven(uri("../../../target/maven"))
        google()
        mavenCentral()
    }
}
rootProject.name = "receiptd-coffee"
include(":app")
