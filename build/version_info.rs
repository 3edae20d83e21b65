//! For the build scripts of all that is installed: what Windows shows of a file in its properties.

use winresource::{VersionInfo, WindowsResource};

/// Puts the version into a DLL or program that is built for Windows; does nothing for other systems.
pub fn write(file: &str, description: &str) {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    // VFT_APP and VFT_DLL of winver.h.
    let kind = if file.ends_with(".exe") { 1 } else { 2 };
    let us_english = 0x409;
    WindowsResource::new()
        .set("ProductName", "nexus_loader")
        .set("FileDescription", description)
        .set("OriginalFilename", file)
        .set("InternalName", file)
        .set(
            "LegalCopyright",
            "Copyright (c) 2026 The nexus_loader developers. MIT OR Apache-2.0",
        )
        .set_language(us_english)
        .set_version_info(VersionInfo::FILETYPE, kind)
        .compile()
        .expect(
            "windres of mingw-w64, or rc.exe of the Windows SDK, makes the version information",
        );
}
