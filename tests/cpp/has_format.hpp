// Compiles where there is std::format.
#include <version>
#ifndef __cpp_lib_format
#error "no std::format"
#endif
#include <format>
