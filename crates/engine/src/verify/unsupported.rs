//! Where files cannot be opened without leaving a directory, and libraries cannot be mapped from a copy.

use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::Target;
use std::path::{Path, PathBuf};

/// Never made here.
pub enum AllowList {}

/// Never made here.
pub enum Verified {}

impl Verified {
    pub fn path(&self) -> &Path {
        match *self {}
    }

    pub fn bytes(&self) -> Result<Vec<u8>> {
        match *self {}
    }
}

impl AllowList {
    pub fn read(folder: &Path, _list: Option<&Path>) -> Result<Self> {
        Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
            "NEXUS_LOADER_VERIFY is not supported on this platform",
        )
        .at_path(folder))
    }

    pub fn trust_only_owner(&mut self) -> Result<()> {
        match *self {}
    }

    pub fn folder(&self) -> &Path {
        match *self {}
    }

    pub fn covers(&self, _path: &Path) -> bool {
        match *self {}
    }

    pub(super) fn identity(&self, _path: &Path) -> Result<(PathBuf, super::list::Sum)> {
        match *self {}
    }

    pub fn open(&self, _path: &Path) -> Result<Verified> {
        match *self {}
    }

    pub fn load_libraries(&self, _module: &Verified, _target: &Target) -> Result<()> {
        match *self {}
    }
}
