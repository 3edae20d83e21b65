//! Writes `tests/abi.txt` anew, from the header.

use nexus_tests::abi_list;
use std::process::ExitCode;

fn main() -> ExitCode {
    let written = abi_list::generate()
        .and_then(|list| std::fs::write(abi_list::path(), list).map_err(|error| error.to_string()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abi: {error}");
            ExitCode::FAILURE
        }
    }
}
