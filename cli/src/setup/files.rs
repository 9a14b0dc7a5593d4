//! Files that are replaced as a whole: whoever reads one sees the old text or the new one, never half of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// For the owner alone.
pub const PRIVATE: u32 = 0o600;

/// Replaces a file, or makes it. It keeps the rights that it has; a new one gets these. A link leads to the file that is
/// replaced, and stays a link.
///
/// # Errors
/// The system's.
pub fn replace(path: &Path, text: &str, rights: u32) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let draft = folder.join(format!(".{name}.{}.new", std::process::id()));
    let rights =
        fs::metadata(&target).map_or(rights, |old| if rights == PRIVATE { PRIVATE } else { old.permissions().mode() });
    let written = write(&draft, text, rights).and_then(|()| fs::rename(&draft, &target));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written?;
    // The new name is on the disk only with the folder; not every file system can say so.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn write(path: &Path, text: &str, rights: u32) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(rights & 0o777).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_rights_and_a_link_stays_one() {
        let folder = std::env::temp_dir().join(format!("aftercall-files-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("real.toml"), folder.join("link.toml"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, "new", 0o644).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        replace(&folder.join("tokens.json"), "{}", PRIVATE).unwrap();
        assert_eq!(fs::metadata(folder.join("tokens.json")).unwrap().permissions().mode() & 0o777, PRIVATE);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "no draft is left");
        fs::remove_dir_all(&folder).unwrap();
    }
}
