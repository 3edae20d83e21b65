// nexus_loader for Node: a thin layer over the C functions, with koffi. Copy it into your program.
//
//   const nexus = require('./nexus');
//   const loader = nexus.open('plugins');
//   console.log(loader.get('crypto').call('encrypt', 'Hello'));
//
// What fails throws a nexus.Failure, with status, exception and traceback.
'use strict';

const koffi = require('koffi');

const library = koffi.load('libnexus_loader.so.1');

// The part of nexus_loader.h that is used here. _Out_ and _Inout_ are koffi's words.
for (const name of ['NexusError', 'NexusLoader', 'NexusMemory', 'NexusObject', 'NexusReport']) koffi.opaque(name);
koffi.alias('NexusStatus', 'uint32_t');
koffi.struct('NexusText', { data: 'void *', size: 'size_t' });
koffi.union('NexusPayload', {
    boolean: 'bool', integer: 'int64_t', real: 'double', text: 'NexusText', object: 'NexusObject *',
});
koffi.struct('NexusValue', { kind: 'uint32_t', as: 'NexusPayload', owner: 'NexusObject *' });
koffi.struct('NexusArguments', {
    struct_size: 'size_t', values: 'NexusValue *', count: 'size_t', keywords: 'void *', keyword_count: 'size_t',
});
koffi.struct('NexusPythonInfo', {
    struct_size: 'size_t', version: 'uint32_t', owned: 'bool', version_text: 'const char *', library: 'const char *',
    executable: 'const char *', prefix: 'const char *', reason: 'const char *',
});
koffi.struct('NexusLoaderOptions', {
    struct_size: 'size_t', flags: 'uint32_t', modules: 'const char **', module_count: 'size_t', filter: 'void *',
    progress: 'void *', user_data: 'void *', trial_milliseconds: 'uint32_t', allow_list: 'const char *',
});
koffi.struct('NexusReportEntry', {
    name: 'const char *', path: 'const char *', state: 'uint32_t', status: 'uint32_t', detail: 'uint32_t',
    message: 'const char *', nanoseconds: 'uint64_t',
});
koffi.struct('NexusMemoryLayout', {
    struct_size: 'size_t', flags: 'uint32_t', data: 'void *', size: 'size_t', item_size: 'size_t',
    format: 'const char *', ndim: 'size_t', shape: 'intptr_t *', strides: 'intptr_t *',
});
koffi.proto(`NexusStatus NexusFunction(const NexusArguments *arguments, NexusValue *result, NexusError **error,
                                       void *user_data)`);

const C = {};
for (const prototype of [
    'NexusStatus nexus_python_start(const void *config, _Out_ NexusError **error)',
    'NexusStatus nexus_python_info(_Inout_ NexusPythonInfo *info, _Out_ NexusError **error)',
    'const char *nexus_status_string(NexusStatus status)',
    `NexusStatus nexus_loader_open(const char *bin_path, const NexusLoaderOptions *options, _Out_ NexusLoader **loader,
                                   _Out_ NexusError **error)`,
    `NexusStatus nexus_loader_get(NexusLoader *loader, const char *name, _Out_ NexusObject **module,
                                  _Out_ NexusError **error)`,
    'NexusStatus nexus_loader_report(NexusLoader *loader, _Out_ NexusReport **report, _Out_ NexusError **error)',
    'void nexus_loader_free(NexusLoader *loader)',
    'size_t nexus_report_count(NexusReport *report)',
    'NexusStatus nexus_report_at(NexusReport *report, size_t index, _Out_ NexusReportEntry *entry)',
    'void nexus_report_free(NexusReport *report)',
    'NexusStatus nexus_import(const char *name, _Out_ NexusObject **module, _Out_ NexusError **error)',
    `NexusStatus nexus_object_call(NexusObject *callable, const NexusValue *args, size_t arg_count,
                                   _Out_ NexusValue *result, _Out_ NexusError **error)`,
    `NexusStatus nexus_object_call_method(NexusObject *object, const char *name, const NexusValue *args,
                                          size_t arg_count, _Out_ NexusValue *result, _Out_ NexusError **error)`,
    'NexusStatus nexus_object_clone(NexusObject *object, _Out_ NexusObject **copy, _Out_ NexusError **error)',
    'NexusStatus nexus_object_new(const NexusValue *value, _Out_ NexusObject **object, _Out_ NexusError **error)',
    'NexusStatus nexus_object_str(NexusObject *object, _Out_ NexusValue *text, _Out_ NexusError **error)',
    'void nexus_object_free(NexusObject *object)',
    'void nexus_value_clear(_Inout_ NexusValue *value)',
    `NexusStatus nexus_function_new(const char *name, const char *documentation, uint32_t flags, NexusFunction *function,
                                    void *user_data, void *destroy, _Out_ NexusObject **callable,
                                    _Out_ NexusError **error)`,
    `NexusStatus nexus_memory_new(const NexusMemoryLayout *layout, void *release, void *user_data,
                                  _Out_ NexusMemory **memory, _Out_ NexusError **error)`,
    'NexusStatus nexus_memory_view(NexusMemory *memory, _Out_ NexusObject **view, _Out_ NexusError **error)',
    'NexusStatus nexus_memory_revoke(NexusMemory *memory, _Out_ NexusError **error)',
    'void nexus_memory_free(NexusMemory *memory)',
    'const char *nexus_error_message(NexusError *error)',
    'const char *nexus_error_exception(NexusError *error)',
    'const char *nexus_error_traceback(NexusError *error)',
    'void nexus_error_free(NexusError *error)',
    // In a callback `error` is a pointer of the library's, to be passed on.
    'NexusStatus nexus_error_raise(const char *type, const char *message, void *error)',
]) {
    const [, name] = /nexus_(\w+)\(/.exec(prototype);
    C[name] = library.func(prototype);
}

const NONE = 0, BOOLEAN = 1, INTEGER = 2, REAL = 3, TEXT = 4, BYTES = 5, OBJECT = 6; // NEXUS_KIND_…
const STATES = ['loaded', 'lazy', 'failed', 'skipped', 'missing'];

class Failure extends Error {
    constructor(status, handle) {
        const exception = C.error_exception(handle);
        super((exception ? `${exception}: ` : '') + C.error_message(handle));
        this.name = 'Failure';
        this.status = status;
        this.exception = exception;
        this.traceback = C.error_traceback(handle);
        C.error_free(handle);
    }
}

/** Calls a function whose last parameters are an output and the error; gives the output. */
function made(name, ...args) {
    const output = [null], error = [null];
    const status = C[name](...args, output, error);
    if (status !== 0) throw new Failure(status, error[0]);
    return output[0];
}

/** The same for a NexusValue, which it takes. */
function result(name, ...args) {
    const value = {}, error = [null];
    const status = C[name](...args, value, error);
    if (status !== 0) throw new Failure(status, error[0]);
    return take(value);
}

// ---- Values ----

function toPython(js) {
    const value = { kind: NONE, as: { integer: 0 }, owner: null };
    const set = (kind, payload) => Object.assign(value, { kind, as: payload });
    if (js === null || js === undefined) return value;
    if (typeof js === 'boolean') return set(BOOLEAN, { boolean: js });
    if (typeof js === 'bigint' || Number.isSafeInteger(js)) return set(INTEGER, { integer: js });
    if (typeof js === 'number') return set(REAL, { real: js });
    if (js instanceof Handle) return set(OBJECT, { object: js.handle });
    if (typeof js === 'string') {
        const data = Buffer.from(js);
        return set(TEXT, { text: { data, size: data.length } });
    }
    if (js instanceof Uint8Array) return set(BYTES, { text: { data: js, size: js.length } });
    throw new TypeError(`Python has no value for ${js}`);
}

function bytes({ data, size }) {
    return size ? Buffer.from(new Uint8Array(koffi.view(data, Number(size)))) : Buffer.alloc(0); // a copy
}

function fromPython(value) {
    switch (value.kind) {
    case BOOLEAN: return value.as.boolean;
    case INTEGER: return value.as.integer; // a BigInt where a number is not exact
    case REAL: return value.as.real;
    case TEXT: return bytes(value.as.text).toString();
    case BYTES: return bytes(value.as.text);
    case OBJECT: return new PythonObject(value.as.object);
    default: return null;
    }
}

function take(value) {
    const js = fromPython(value);
    if (value.kind !== OBJECT) C.value_clear(value);
    return js;
}

// ---- Handles ----

const forgotten = new FinalizationRegistry(({ free, handle }) => free(handle));

/** Is freed when JavaScript has forgotten it, or by free() at once. */
class Handle {
    constructor(handle, free) {
        this.handle = handle;
        this.freeHandle = free;
        forgotten.register(this, { free, handle }, this);
    }

    free() {
        forgotten.unregister(this);
        this.freeHandle(this.handle); // does nothing for one that is freed already
    }
}

class PythonObject extends Handle {
    constructor(handle) {
        super(handle, C.object_free);
    }

    /** Calls a method, or a function of a module. */
    call(name, ...args) {
        return result('object_call_method', this.handle, name, args.map(toPython), args.length);
    }

    /** The same in a thread of koffi's, while JavaScript goes on. koffi takes 256 at a time by default. */
    callAsync(name, ...args) {
        const value = {}, error = [null];
        return new Promise((resolve, reject) => {
            C.object_call_method.async(this.handle, name, args.map(toPython), args.length, value, error, (problem, status) => {
                if (problem) reject(problem);
                else if (status !== 0) reject(new Failure(status, error[0]));
                else resolve(take(value));
            });
        });
    }

    toString() {
        return result('object_str', this.handle);
    }
}

class Loader extends Handle {
    constructor(handle) {
        super(handle, C.loader_free);
    }

    get(name) {
        return new PythonObject(made('loader_get', this.handle, name));
    }

    /** { name, state, message } for each file and each requested name. */
    report() {
        const report = made('loader_report', this.handle);
        const list = [];
        for (let index = 0; index < C.report_count(report); index++) {
            const entry = {};
            C.report_at(report, index, entry);
            list.push({ name: entry.name, state: STATES[entry.state] ?? entry.state, message: entry.message });
        }
        C.report_free(report);
        return list;
    }
}

/** Doubles that JavaScript and Python both see, without a copy: `array` here, view() there. */
class Memory extends Handle {
    constructor(length) {
        const data = koffi.alloc('double', length); // a typed array's own memory may move
        const layout = {
            struct_size: koffi.sizeof('NexusMemoryLayout'), flags: 0, data, size: 8 * length, item_size: 8, format: 'd',
            ndim: 0, shape: null, strides: null,
        };
        super(made('memory_new', layout, null, null), C.memory_free);
        this.data = data;
        this.array = new Float64Array(koffi.view(data, 8 * length));
    }

    view() {
        return new PythonObject(made('memory_view', this.handle));
    }

    /** Takes it back from Python; an error while Python has views. */
    free() {
        const error = [null];
        const status = C.memory_revoke(this.handle, error);
        if (status !== 0) throw new Failure(status, error[0]);
        super.free();
        koffi.free(this.data);
        this.array = null;
    }
}

// ---- The module ----

/** options: recursive, lazy (booleans) and modules (names or patterns). */
function open(directory, { recursive = false, lazy = false, modules = null } = {}) {
    return new Loader(made('loader_open', directory, {
        struct_size: koffi.sizeof('NexusLoaderOptions'), flags: (lazy ? 1 : 0) | (recursive ? 2 : 0), modules,
        module_count: modules ? modules.length : 0, filter: null, progress: null, user_data: null,
        trial_milliseconds: 0, allow_list: null,
    }));
}

function importModule(name) {
    return new PythonObject(made('import', name));
}

function pythonVersion() {
    const error = [null], info = { struct_size: koffi.sizeof('NexusPythonInfo') };
    const status = C.python_start(null, error) || C.python_info(info, error);
    if (status !== 0) throw new Failure(status, error[0]);
    return info.version_text;
}

/**
 * A Python callable of a JavaScript function, for the life of the program. It runs on JavaScript's thread: a
 * Python thread that calls it waits until the event loop comes round.
 */
function callable(name, javascript) {
    const callback = koffi.register((given, output, error) => {
        try {
            const { values, count } = koffi.decode(given, 'NexusArguments');
            const args = count ? koffi.decode(values, 'NexusValue', Number(count)) : [];
            const lent = args.map((value) => value.kind !== OBJECT ? fromPython(value)
                : new PythonObject(made('object_clone', value.as.object)));
            const value = toPython(javascript(...lent));
            if (value.kind >= TEXT) { // handed over as an object, which needs no memory of ours
                const object = made('object_new', [value]);
                Object.assign(value, { kind: OBJECT, as: { object } });
            }
            koffi.encode(output, 'NexusValue', value);
            return 0;
        } catch (thrown) {
            return C.error_raise('builtins.RuntimeError', String(thrown.message ?? thrown), error);
        }
    }, 'NexusFunction *');
    return new PythonObject(made('function_new', name, null, 0, callback, null, null));
}

module.exports = { Failure, Memory, callable, import: importModule, open, pythonVersion, statusString: C.status_string };
