// Arrow data, both ways, as the structs of the Arrow C data and stream interfaces: ArrowSchema, ArrowArray,
// ArrowArrayStream. Whose release is to be called by whom: see nexus_arrow_… in nexus_loader.h.
#ifndef NEXUS_LOADER_ARROW_HPP
#define NEXUS_LOADER_ARROW_HPP

#include "object.hpp"

NEXUS_NAMESPACE_BEGIN

/// Moves the schema of an object that has `__arrow_c_schema__` into `*schema`.
template <class Schema> result<void> try_arrow_schema(const Object &object, Schema *schema)
{
    return detail::on(object.value(), nexus_arrow_import_schema, static_cast<void *>(schema));
}
/// Moves the schema and array of an object that has `__arrow_c_array__` there.
template <class Schema, class Array> result<void> try_arrow_array(const Object &object, Schema *schema, Array *array)
{
    return detail::on(object.value(), nexus_arrow_import_array, static_cast<void *>(schema), static_cast<void *>(array));
}
/// Moves the stream of an object that has `__arrow_c_stream__` there.
template <class Stream> result<void> try_arrow_stream(const Object &object, Stream *stream)
{
    return detail::on(object.value(), nexus_arrow_import_stream, static_cast<void *>(stream));
}

/// An object with `__arrow_c_array__` of the host's; both are moved.
template <class Schema, class Array> [[nodiscard]] result<Object> try_arrow_object(Schema *schema, Array *array)
{
    NexusObject *object = nullptr;
    result<void> made = detail::check(nexus_arrow_export_array, static_cast<void *>(schema), static_cast<void *>(array), &object);
    if (!made) return std::move(made).error();
    return Object(object);
}
/// An object with `__arrow_c_stream__` of the host's, which is moved.
template <class Stream> [[nodiscard]] result<Object> try_arrow_object(Stream *stream)
{
    NexusObject *object = nullptr;
    result<void> made = detail::check(nexus_arrow_export_stream, static_cast<void *>(stream), &object);
    if (!made) return std::move(made).error();
    return Object(object);
}

#ifndef NEXUS_NO_EXCEPTIONS
template <class Schema> void arrow_schema(const Object &object, Schema *schema) { try_arrow_schema(object, schema).value(); }
template <class Schema, class Array> void arrow_array(const Object &object, Schema *schema, Array *array)
{
    try_arrow_array(object, schema, array).value();
}
template <class Stream> void arrow_stream(const Object &object, Stream *stream) { try_arrow_stream(object, stream).value(); }
template <class Schema, class Array> [[nodiscard]] Object arrow_object(Schema *schema, Array *array)
{
    return try_arrow_object(schema, array).value();
}
template <class Stream> [[nodiscard]] Object arrow_object(Stream *stream) { return try_arrow_object(stream).value(); }
#endif

NEXUS_NAMESPACE_END

#endif
