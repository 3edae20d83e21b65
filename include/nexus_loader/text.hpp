// Objects, errors, loaders and reports as text: for std::ostream, and for std::format where there is one.
#ifndef NEXUS_LOADER_TEXT_HPP
#define NEXUS_LOADER_TEXT_HPP

#include "access.hpp"
#include "inspection.hpp"
#include "loader.hpp"
#include "object.hpp"

#include <ostream>

#if __cplusplus >= 202002L || (defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)
#include <version>
#if defined(__cpp_lib_format) && __has_include(<format>)
#include <format>
#define NEXUS_HAS_FORMAT 1
#endif
#endif

NEXUS_NAMESPACE_BEGIN

/// `str(object)`. What that raises is thrown; without exceptions the stream fails.
inline std::ostream &operator<<(std::ostream &out, const Object &object)
{
#ifndef NEXUS_NO_EXCEPTIONS
    return out << object.str();
#else
    result<std::string> text = object.try_str();
    if (text) return out << *text;
    out.setstate(std::ios_base::failbit);
    return out;
#endif
}

/// The traceback with the message, or the message alone.
inline std::ostream &operator<<(std::ostream &out, const Error &error)
{
    return error.traceback().empty() ? out << error.what() : out << error.traceback();
}

/// The line that describes it.
inline std::ostream &operator<<(std::ostream &out, const Loader &loader) { return out << loader.describe(); }

/// A line: what became of it, and why.
inline std::ostream &operator<<(std::ostream &out, const ReportEntry &entry)
{
    out << entry.name << ": " << text_of(entry.state);
    return entry.message.empty() ? out : out << ": " << entry.message;
}

/// A line for each entry.
inline std::ostream &operator<<(std::ostream &out, const Report &report)
{
    for (const ReportEntry entry : report) out << entry << '\n';
    return out;
}

/// A line for each name.
inline std::ostream &operator<<(std::ostream &out, const Names &names)
{
    for (const std::string_view name : names) out << name << '\n';
    return out;
}

/// The report of several lines.
inline std::ostream &operator<<(std::ostream &out, const Inspection &inspection) { return out << inspection.report(); }

NEXUS_NAMESPACE_END

#ifdef NEXUS_HAS_FORMAT

/// `str(object)`, with the fill, width and so on of a string.
template <class T>
    requires std::derived_from<T, nexus::Object>
struct std::formatter<T> : std::formatter<std::string_view> {
    template <class Context> auto format(const nexus::Object &object, Context &context) const
    {
#ifndef NEXUS_NO_EXCEPTIONS
        return std::formatter<std::string_view>::format(object.str(), context);
#else
        auto text = object.try_str();
        return std::formatter<std::string_view>::format(text ? *text : "<no text>", context);
#endif
    }
};

/// The exception's type and the message.
template <> struct std::formatter<nexus::Error> : std::formatter<std::string_view> {
    template <class Context> auto format(const nexus::Error &error, Context &context) const
    {
        return std::formatter<std::string_view>::format(error.what(), context);
    }
};

/// The line that describes it.
template <> struct std::formatter<nexus::Loader> : std::formatter<std::string_view> {
    template <class Context> auto format(const nexus::Loader &loader, Context &context) const
    {
        return std::formatter<std::string_view>::format(loader.describe(), context);
    }
};

/// A line: what became of it, and why.
template <> struct std::formatter<nexus::ReportEntry> : std::formatter<std::string_view> {
    template <class Context> auto format(const nexus::ReportEntry &entry, Context &context) const
    {
        std::string line(entry.name);
        line.append(": ").append(nexus::text_of(entry.state));
        if (!entry.message.empty()) line.append(": ").append(entry.message);
        return std::formatter<std::string_view>::format(line, context);
    }
};

#endif

#endif
