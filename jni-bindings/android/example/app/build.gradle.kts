plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "io.receiptd.example"
    compileSdk = 35

    defaultConfig {
        applicationId = "io.receiptd.example"
        minSdk = 24
        targetSdk = 35
        versionCode = 1
        versionName = "1"
    }
    buildFeatures { buildConfig = true }
    flavorDimensions += "road"
    productFlavors {
        create("daemon") { buildConfigField("boolean", "DAEMON", "true") }
        create("inprocess") { buildConfigField("boolean", "DAEMON", "false") }
    }
    // The program that draws what a printer's font lacks is started, so it must be unpacked: libreceiptd_render.so.
    packaging { jniLibs { useLegacyPackaging = true } }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    kotlinOptions { jvmTarget = "1.8" }
}

dependencies {
    implementation("io.receiptd:receiptd-android:0.1.0")
    // For `await` on futures.
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.9.0")
}
