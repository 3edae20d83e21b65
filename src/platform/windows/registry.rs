//! The Pythons that the registry lists (PEP 514).

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY, RRF_RT_REG_SZ,
    RegCloseKey, RegEnumKeyExW, RegGetValueW, RegOpenKeyExW,
};

/// The companies whose Pythons are looked at first; PyLauncher has none.
const FIRST: &str = "PythonCore";
const NONE: &str = "PyLauncher";

/// The interpreter or folder of each, as PEP 514 orders them: the user's before all users', those of python.org
/// before others', and the newest first.
pub fn registered() -> Option<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = Vec::new();
    for root in [HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE] {
        let Some(list) = Key::open(root, "Software\\Python") else {
            continue;
        };
        let mut companies = list.names();
        companies.retain(|name| name != NONE);
        companies.sort_by_key(|name| (name != FIRST, name.clone()));
        for company in companies {
            let Some(tags) = Key::open(list.0, &company) else {
                continue;
            };
            let mut names = tags.names();
            names.sort_by_key(|tag| core::cmp::Reverse(version(tag)));
            for tag in names {
                let python = Key::open(tags.0, &tag).and_then(|tag| tag.python());
                found.extend(python.filter(|python| !found.contains(python)));
            }
        }
    }
    Some(found)
}

/// The numbers in a tag, such as 3 and 13 of `3.13-64`, to sort by.
fn version(tag: &str) -> (u32, u32) {
    let mut numbers = tag
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// An open key, closed when dropped.
struct Key(HKEY);

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: opened below, and used by nobody after this.
        unsafe { RegCloseKey(self.0) };
    }
}

impl Key {
    /// A key below another; both views of a 32-bit program's registry are this one's.
    fn open(parent: HKEY, name: &str) -> Option<Self> {
        let name = super::wide(name.as_ref());
        let mut key: HKEY = core::ptr::null_mut();
        // SAFETY: an open or predefined key, a NUL-terminated name, and a place for the result.
        let status = unsafe {
            RegOpenKeyExW(
                parent,
                name.as_ptr(),
                0,
                KEY_READ | KEY_WOW64_64KEY,
                &raw mut key,
            )
        };
        (status == ERROR_SUCCESS).then_some(Self(key))
    }

    /// The names of the keys below.
    fn names(&self) -> Vec<String> {
        // Names have at most 255 characters (the registry's limits).
        let mut buffer = [0_u16; 256];
        (0..)
            .map_while(|index| {
                let mut length = 256;
                // SAFETY: a buffer of that length; what else it could tell is not wanted.
                let status = unsafe {
                    RegEnumKeyExW(
                        self.0,
                        index,
                        buffer.as_mut_ptr(),
                        &raw mut length,
                        core::ptr::null(),
                        core::ptr::null_mut(),
                        core::ptr::null_mut(),
                        core::ptr::null_mut(),
                    )
                };
                (status == ERROR_SUCCESS)
                    .then(|| String::from_utf16_lossy(&buffer[..length as usize]))
            })
            .collect()
    }

    /// Its interpreter, or the folder of its installation.
    fn python(&self) -> Option<PathBuf> {
        let place = Self::open(self.0, "InstallPath")?;
        place
            .text("ExecutablePath")
            .or_else(|| place.text(""))
            .map(PathBuf::from)
    }

    /// The text of a value; the one without a name is the key's own.
    fn text(&self, name: &str) -> Option<OsString> {
        let name = super::wide(name.as_ref());
        let mut buffer = vec![0_u16; 32_768];
        let mut size = u32::try_from(size_of_val(&buffer[..])).ok()?;
        // SAFETY: an open key, a NUL-terminated name and a buffer of that size, which is left NUL-terminated.
        let status = unsafe {
            RegGetValueW(
                self.0,
                core::ptr::null(),
                name.as_ptr(),
                RRF_RT_REG_SZ,
                core::ptr::null_mut(),
                buffer.as_mut_ptr().cast(),
                &raw mut size,
            )
        };
        if status != ERROR_SUCCESS {
            return None;
        }
        let end = buffer.iter().position(|unit| *unit == 0)?;
        (end > 0).then(|| OsString::from_wide(&buffer[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn newer_tags_come_first() {
        let mut tags = ["3.9", "3.13-32", "3.13", "weird", "3.12-arm64"];
        tags.sort_by_key(|tag| core::cmp::Reverse(version(tag)));
        assert_eq!(tags, ["3.13-32", "3.13", "3.12-arm64", "3.9", "weird"]);
    }
}
