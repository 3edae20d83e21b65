//! The import tables: which functions of which DLLs the file needs, at once or when first used.

use super::sections::{Sections, outside};
use crate::detail::Detail;
use crate::image::{Image, Import};
use crate::problem::{Result, fail};
use crate::symbols::SymbolReport;
use object::LittleEndian as LE;
use object::pe;
use object::read::pe::{
    DelayLoadImportTable, ImageNtHeaders, ImageThunkData, ImportTable, ImportThunkList,
};

/// Lists and names may overlap in a damaged file, and reading them must end: together they take hardly more
/// than the file has, however many lists share a name.
const MOST_SHARED: u64 = 4;
const MOST_LIBRARIES: usize = 1 << 12;

impl Sections<'_, '_> {
    /// The DLLs that are loaded together with the file.
    pub(super) fn imports<Pe: ImageNtHeaders>(
        &self,
        address: u32,
        report: &mut SymbolReport,
        image: &mut Image,
    ) -> Result<()> {
        let damaged = || outside("import");
        let (bytes, start) = self.around(address)?.ok_or_else(damaged)?;
        let table = ImportTable::new(&bytes, start, address);
        let mut descriptors = table.descriptors().map_err(|_| damaged())?;
        let mut reader = Reader::new(self, &bytes, start);
        while let Some(descriptor) = descriptors.next().map_err(|_| damaged())? {
            let library = reader.library(descriptor.name.get(LE))?;
            let first = descriptor.first_thunk.get(LE);
            // The second list is overwritten with addresses when the file is loaded.
            let list = match descriptor.original_first_thunk.get(LE) {
                0 => first,
                list => list,
            };
            if self.sections.section_containing(first).is_none() {
                return Err(damaged());
            }
            let thunks = table.thunks(list).map_err(|_| damaged())?;
            let import = reader.functions::<Pe>(library, false, thunks, report)?;
            image.needed.push(import.library.clone());
            keep(image, import).ok_or_else(damaged)?;
        }
        Ok(())
    }

    /// The DLLs that are loaded when one of their functions is called first. A table in the form of Visual
    /// C++ 6, with absolute addresses, is left alone: Windows does not read it, the file's own code does.
    pub(super) fn delayed_imports<Pe: ImageNtHeaders>(
        &self,
        address: u32,
        report: &mut SymbolReport,
        image: &mut Image,
    ) -> Result<()> {
        let damaged = || outside("delayed import");
        let (bytes, start) = self.around(address)?.ok_or_else(damaged)?;
        let table = DelayLoadImportTable::new(&bytes, start, address);
        let mut descriptors = table.descriptors().map_err(|_| damaged())?;
        let mut reader = Reader::new(self, &bytes, start);
        while let Some(descriptor) = descriptors.next().map_err(|_| damaged())? {
            if descriptor.attributes.get(LE) & pe::IMAGE_DELAYLOAD_RVA_BASED == 0 {
                return Ok(());
            }
            let library = reader.library(descriptor.dll_name_rva.get(LE))?;
            let thunks = table
                .thunks(descriptor.import_name_table_rva.get(LE))
                .map_err(|_| damaged())?;
            let import = reader.functions::<Pe>(library, true, thunks, report)?;
            image.optional.push(import.library.clone());
            keep(image, import).ok_or_else(damaged)?;
        }
        Ok(())
    }
}

struct Reader<'f, 's, 'a, 'b> {
    file: &'f Sections<'s, 'a>,
    bytes: &'b [u8],
    start: u32,
    /// So many bytes may be read.
    left: u64,
}

/// `None`: no file needs so many.
fn keep(image: &mut Image, import: Import) -> Option<()> {
    image.imports.push(import);
    (image.imports.len() <= MOST_LIBRARIES).then_some(())
}

impl<'f, 's, 'a, 'b> Reader<'f, 's, 'a, 'b> {
    fn new(file: &'f Sections<'s, 'a>, bytes: &'b [u8], start: u32) -> Self {
        Self {
            file,
            bytes,
            start,
            left: file.source.size().saturating_mul(MOST_SHARED),
        }
    }

    fn library(&self, address: u32) -> Result<String> {
        let name = self
            .file
            .name(self.bytes, self.start, address)?
            .ok_or_else(|| outside("import"))?;
        if name.is_empty() || name.iter().any(|byte| byte.is_ascii_control()) {
            return fail(Detail::BAD_IMPORTS, "damaged: it needs a DLL without name");
        }
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        self.left = self
            .left
            .checked_sub(bytes as u64)
            .ok_or_else(|| outside("import"))?;
        Ok(())
    }

    /// The functions of one DLL; those of Python's go to the report too.
    fn functions<Pe: ImageNtHeaders>(
        &mut self,
        library: String,
        delayed: bool,
        mut thunks: ImportThunkList,
        report: &mut SymbolReport,
    ) -> Result<Import> {
        let damaged = || outside("import");
        let python = is_python(&library);
        let mut import = Import {
            library,
            delayed,
            names: Vec::new(),
            ordinals: Vec::new(),
        };
        while let Some(thunk) = thunks.next::<Pe>().map_err(|_| damaged())? {
            self.take(size_of::<u32>())?;
            if thunk.is_ordinal() {
                import.ordinals.push(thunk.ordinal());
                continue;
            }
            // Two bytes of a hint come before the name.
            let address = thunk.address().wrapping_add(2);
            let name = self
                .file
                .name(self.bytes, self.start, address)?
                .filter(|name| !name.is_empty())
                .ok_or_else(damaged)?;
            self.take(name.len() + 1)?;
            if python {
                report.undefined(&name, false);
            }
            import
                .names
                .push(String::from_utf8_lossy(&name).into_owned());
        }
        Ok(import)
    }
}

fn is_python(library: &str) -> bool {
    let library = library.to_ascii_lowercase();
    ["python", "libpython", "libpypy"]
        .iter()
        .any(|start| library.starts_with(start))
}
