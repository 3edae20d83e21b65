/* The contract's functions, each assigned to a pointer of exactly its type: a changed parameter does
 * not compile. For C and C++; in C++ also an enum in place of a number is noticed. */
#ifndef CONTRACT_SIGNATURES_H
#define CONTRACT_SIGNATURES_H

#include "nexus_loader.h"

#ifdef __cplusplus
extern "C" {
#endif

static const struct {
    const char *(*version_string)(void);
    uint32_t (*version_number)(void);
    const char *(*status_string)(NexusStatus status);
    NexusStatus (*python_start)(const NexusPythonConfig *config, NexusError **error);
    NexusStatus (*import)(const char *name, NexusObject **module, NexusError **error);
    NexusStatus (*loader_open)(const char *bin_path, const NexusLoaderOptions *options, NexusLoader **loader,
                               NexusError **error);
    NexusStatus (*loader_new)(const char *bin_path, const char *const *modules, size_t module_count,
                              NexusLoader **loader, NexusError **error);
    NexusStatus (*loader_get)(const NexusLoader *loader, const char *name, NexusObject **module,
                              NexusError **error);
    NexusStatus (*loader_list)(const NexusLoader *loader, NexusNames **names, NexusError **error);
    bool (*loader_contains)(const NexusLoader *loader, const char *name);
    void (*loader_free)(NexusLoader *loader);
    size_t (*names_count)(const NexusNames *names);
    const char *(*names_at)(const NexusNames *names, size_t index);
    void (*names_free)(NexusNames *names);
    NexusStatus (*loader_report)(const NexusLoader *loader, NexusReport **report, NexusError **error);
    size_t (*report_count)(const NexusReport *report);
    NexusStatus (*report_at)(const NexusReport *report, size_t index, NexusReportEntry *entry);
    void (*report_free)(NexusReport *report);
    NexusStatus (*object_attr)(const NexusObject *object, const char *name, NexusValue *value,
                               NexusError **error);
    NexusStatus (*object_call)(const NexusObject *callable, const NexusValue *args, size_t arg_count,
                               NexusValue *result, NexusError **error);
    NexusStatus (*object_call_method)(const NexusObject *object, const char *name, const NexusValue *args,
                                      size_t arg_count, NexusValue *result, NexusError **error);
    void (*object_free)(NexusObject *object);
    void (*value_clear)(NexusValue *value);
    NexusStatus (*error_status)(const NexusError *error);
    uint32_t (*error_detail)(const NexusError *error);
    const char *(*error_message)(const NexusError *error);
    const char *(*error_module)(const NexusError *error);
    const char *(*error_path)(const NexusError *error);
    const char *(*error_exception)(const NexusError *error);
    const char *(*error_traceback)(const NexusError *error);
    void (*error_free)(NexusError *error);
    /* Not in the contract, but public since issue 2. */
    const char *(*error_linker)(const NexusError *error);
    NexusStatus (*python_info)(NexusPythonInfo *info, NexusError **error);
    NexusStatus (*python_search)(const NexusPythonConfig *config, NexusNames **candidates, NexusError **error);
    NexusStatus (*python_attach)(NexusError **error);
    NexusStatus (*python_detach)(NexusError **error);
    void (*log_set)(NexusLogCallback callback, void *user_data, uint32_t level);
    size_t (*loader_count)(const NexusLoader *loader);
    const char *(*loader_bin_path)(const NexusLoader *loader);
    NexusStatus (*loader_requested)(const NexusLoader *loader, NexusNames **names, NexusError **error);
    const char *(*loader_describe)(const NexusLoader *loader);
    NexusStatus (*object_has_attr)(const NexusObject *object, const char *name, bool *result,
                                   NexusError **error);
    NexusStatus (*object_type_name)(const NexusObject *object, NexusValue *text, NexusError **error);
    NexusStatus (*object_repr)(const NexusObject *object, NexusValue *text, NexusError **error);
    NexusStatus (*object_str)(const NexusObject *object, NexusValue *text, NexusError **error);
} contract_signatures = {
    nexus_version_string, nexus_version_number, nexus_status_string, nexus_python_start, nexus_import,
    nexus_loader_open, nexus_loader_new, nexus_loader_get, nexus_loader_list, nexus_loader_contains,
    nexus_loader_free, nexus_names_count, nexus_names_at, nexus_names_free, nexus_loader_report,
    nexus_report_count, nexus_report_at, nexus_report_free, nexus_object_attr, nexus_object_call,
    nexus_object_call_method, nexus_object_free, nexus_value_clear, nexus_error_status, nexus_error_detail,
    nexus_error_message, nexus_error_module, nexus_error_path, nexus_error_exception, nexus_error_traceback,
    nexus_error_free, nexus_error_linker, nexus_python_info, nexus_python_search, nexus_python_attach,
    nexus_python_detach, nexus_log_set, nexus_loader_count, nexus_loader_bin_path, nexus_loader_requested,
    nexus_loader_describe, nexus_object_has_attr, nexus_object_type_name, nexus_object_repr,
    nexus_object_str,
};

#ifdef __cplusplus
}
#endif

#endif
