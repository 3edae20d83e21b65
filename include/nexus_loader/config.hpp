// What this header needs of the compiler and of the library.
#ifndef NEXUS_LOADER_CONFIG_HPP
#define NEXUS_LOADER_CONFIG_HPP

#include "../nexus_loader.h"

#include <cstdint>

#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "nexus_loader.hpp needs C++17: -std=c++17"
#endif

#if !defined(NEXUS_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define NEXUS_NO_EXCEPTIONS
#endif

// Exceptions must be the same type in every library of a program, also with -fvisibility=hidden.
#if defined(__GNUC__)
#define NEXUS_VISIBLE __attribute__((visibility("default")))
#define NEXUS_COLD __attribute__((cold, noinline))
#else
#define NEXUS_VISIBLE
#define NEXUS_COLD
#endif

// A unit without exceptions has other functions of the same name: they must not be taken for each other.
#if defined(NEXUS_NO_EXCEPTIONS)
#define NEXUS_NAMESPACE_BEGIN namespace nexus { inline namespace without_exceptions {
#else
#define NEXUS_NAMESPACE_BEGIN namespace nexus { inline namespace with_exceptions {
#endif
#define NEXUS_NAMESPACE_END } }

NEXUS_NAMESPACE_BEGIN

using Status = NexusStatus;
using State = NexusState;
using Kind = NexusKind;
using Verdict = NexusVerdict;
using LogLevel = NexusLogLevel;
using Comparison = NexusComparison;

namespace detail {

/// Whether a library has all that a header of that version declares.
constexpr bool has_all_of(std::uint32_t library, std::uint32_t header) noexcept
{
    // Before 1.0 the minor number is the one that may take something away (semver.org, 4).
    const std::uint32_t major = 0xffff0000U, minor = 0xffffff00U;
    return library >= header && ((library ^ header) & ((header & major) == 0 ? minor : major)) == 0;
}
static_assert(has_all_of(0x000100, 0x000100) && has_all_of(0x000105, 0x000102));
static_assert(!has_all_of(0x000101, 0x000102) && !has_all_of(0x000200, 0x000100) && !has_all_of(0x010000, 0x000100));
static_assert(has_all_of(0x010200, 0x010105) && !has_all_of(0x010000, 0x010100) && !has_all_of(0x020000, 0x010000));

} // namespace detail

static_assert(detail::has_all_of(NEXUS_VERSION_NUMBER, 0x000100),
              "nexus_loader.hpp and nexus_loader.h are of different versions");
static_assert(sizeof(NexusValue) == 32 && sizeof(NexusStatus) == 4, "not the ABI of nexus_loader");

/// The version of the library that runs, such as "0.1.0"; the headers' is NEXUS_VERSION_STRING.
inline const char *version() noexcept { return nexus_version_string(); }

/// Whether that library can be used with these headers. Loader, start and import_module see to it.
inline bool version_fits() noexcept
{
    return detail::has_all_of(nexus_version_number(), static_cast<std::uint32_t>(NEXUS_VERSION_NUMBER));
}

NEXUS_NAMESPACE_END

#endif
