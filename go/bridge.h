/* Between Go and nexus_loader.h. Go hands over plain numbers, never a pointer to a pointer: handles are
 * numbers, texts are offsets into one block of bytes, containers are written out one item after another.
 * So one crossing does what takes several calls in C, and the rules of cgo about pointers hold by
 * construction. */
#ifndef NEXUSGO_BRIDGE_H
#define NEXUSGO_BRIDGE_H

#include <nexus_loader.h>

/* What a token is: a NexusKind, or one of these. */
enum {
    NEXUSGO_KEYWORD = 16, /* the value after it is a keyword argument; word: offset of its name */
    NEXUSGO_LIST,         /* of the last `size` values */
    NEXUSGO_TUPLE,
    NEXUSGO_SET,
    NEXUSGO_DICT,     /* of the last `size` pairs of key and value */
    NEXUSGO_INTEGERS, /* a list of `size` int64_t at offset `word` */
    NEXUSGO_REALS,    /* a list of `size` doubles */
    NEXUSGO_UNSIGNED, /* an int of 64 bits without a sign, in `word` */
    NEXUSGO_BIG,      /* an int of any size: `size` bytes at offset `word`, two's complement, little end first */
    NEXUSGO_COMPLEX,  /* the bits of two doubles, in `word` and `size` */
    NEXUSGO_FUNCTION  /* a Go function: its handle in `size`, its name at offset `word` */
};

/* A value, or what is to be made of the values before it. */
typedef struct nexusgo_token {
    uint64_t kind;
    uint64_t word; /* the number, the handle, or an offset */
    uint64_t size;
} nexusgo_token;

/* What to do with an object. */
enum {
    NEXUSGO_CALL,
    NEXUSGO_CALL_METHOD,
    NEXUSGO_INVOKE,
    NEXUSGO_RUN,
    NEXUSGO_ATTRIBUTE,
    NEXUSGO_HAS_ATTRIBUTE,
    NEXUSGO_SET_ATTRIBUTE,
    NEXUSGO_DELETE_ATTRIBUTE,
    NEXUSGO_ATTRIBUTE_NAMES,
    NEXUSGO_ITEM,
    NEXUSGO_FIND_ITEM,
    NEXUSGO_SET_ITEM,
    NEXUSGO_DELETE_ITEM,
    NEXUSGO_LENGTH,
    NEXUSGO_CONTAINS,
    NEXUSGO_ITERATE,
    NEXUSGO_NEXT,
    NEXUSGO_NEXT_MANY,
    NEXUSGO_READ,
    NEXUSGO_IS_SEQUENCE,
    NEXUSGO_SEND,
    NEXUSGO_CLOSE_GENERATOR,
    NEXUSGO_VALUE,
    NEXUSGO_NEW,
    NEXUSGO_NEW_VALUE,
    NEXUSGO_CLONE,
    NEXUSGO_IMPORT,
    NEXUSGO_PREPARE,
    NEXUSGO_REPR,
    NEXUSGO_STR,
    NEXUSGO_TYPE,
    NEXUSGO_TYPE_NAME,
    NEXUSGO_COMPARE,
    NEXUSGO_IS,
    NEXUSGO_IS_INSTANCE,
    NEXUSGO_IS_CALLABLE,
    NEXUSGO_TRUTH,
    NEXUSGO_HASH,
    NEXUSGO_SIGNATURE,
    NEXUSGO_DOC,
    NEXUSGO_TO_JSON,
    NEXUSGO_FROM_JSON,
    NEXUSGO_LOADER_GET
};

/* For `flags` of a frame. */
enum {
    NEXUSGO_HOLD = 1 /* more than one call of the library: take the GIL once for all */
};

/* Results that need more bytes or tokens than this take a second crossing, which releases them. */
#define NEXUSGO_SHORT 480
#define NEXUSGO_FEW_TOKENS 32

/* One crossing: what is to be done, and what came of it. Lies in Go's memory, and has no pointer in it. */
typedef struct nexusgo_frame {
    uint32_t operation;
    uint32_t flags;
    uint64_t object;      /* the handle */
    uint64_t name;        /* offset of an attribute's, method's, module's name */
    uint64_t shape;       /* offset of what the result is to be; see bridge_read.c */
    uint64_t number;      /* an index, a count, a comparison */
    uint64_t token_count; /* of the arguments */

    int32_t status;
    uint32_t found;       /* whether there is a result, or the generator has ended */
    uint64_t error;       /* a NexusError, to be taken with nexusgo_error_read */
    nexusgo_token result; /* of a text: its offset in `text`, or its address if it is longer */
    uint64_t owner;       /* keeps a longer text, to be released with nexusgo_release */
    uint64_t tokens;      /* the address of the tokens that describe a container; 0: the result is no container */
    uint64_t block;       /* what to give to nexusgo_block_free; 0: it is all in this frame */
    nexusgo_token few[NEXUSGO_FEW_TOKENS];
    _Alignas(8) char text[NEXUSGO_SHORT];
} nexusgo_frame;

/* A call that can be cancelled. Changed with the GIL held, but for `interrupted`, which others read. */
typedef struct nexusgo_slot {
    uint64_t thread;
    uint64_t outer; /* the slot of the call that this one is made from */
    uint32_t state;
    uint32_t interrupted;
    uint32_t told; /* a Go function that Python has called has seen to it that it is raised */
    uint32_t unused;
} nexusgo_slot;

/* Does what the frame says. `slot`: NULL, or what can cancel it. */
void nexusgo_do(nexusgo_frame *frame, const nexusgo_token *tokens, const char *text, nexusgo_slot *slot);

/* Ends the call of a slot if it runs, and keeps it from running if it does not yet. */
void nexusgo_cancel(nexusgo_slot *slot);

void nexusgo_release(uint64_t owner);
void nexusgo_release_many(const uint64_t *objects, size_t count);
void nexusgo_block_free(uint64_t block);

/* Whether this thread runs a Go function that Python has called. */
int nexusgo_in_callback(void);

/* An error as a block of tokens: see bridge_error.c. Frees the error. The result is the block. */
uint64_t nexusgo_error_read(uint64_t error, uint32_t keep_exception, uint64_t *tokens);

/* Starts Python on a thread that exists for that alone. */
typedef struct nexusgo_start {
    uint32_t flags;
    uint32_t has_argv;
    uint64_t python; /* offset of the text, or UINT64_MAX */
    uint64_t argv;   /* offset of `argv_count` texts, one after another */
    uint64_t argv_count;
    int32_t status;
    uint64_t error;
} nexusgo_start;
void nexusgo_python_start(nexusgo_start *start, const char *text);
uint64_t nexusgo_python_search(nexusgo_start *start, uint64_t *tokens, const char *text);

typedef struct nexusgo_python {
    int32_t status;
    uint32_t version;
    uint32_t owned;
    const char *version_text, *library, *executable, *prefix, *reason;
    uint64_t error;
} nexusgo_python;
void nexusgo_python_info(nexusgo_python *info);

typedef struct nexusgo_open {
    uint32_t flags;
    uint32_t trial_milliseconds;
    uint64_t allow_list; /* offset, or UINT64_MAX */
    uint64_t modules;    /* offset of `module_count` texts, one after another */
    uint64_t module_count;
    uint32_t all; /* no module was named */
    uint32_t has_filter;
    uint32_t has_progress;
    uint64_t hooks; /* the cgo.Handle of the Go functions */
    int32_t status;
    uint64_t error;
    uint64_t loader;
} nexusgo_open;
/* `text` begins with the directory. */
void nexusgo_loader_open(nexusgo_open *open, const char *text);
int nexusgo_loader_contains(uint64_t loader, const char *name);
size_t nexusgo_loader_count(uint64_t loader);
const char *nexusgo_loader_describe(uint64_t loader);
void nexusgo_loader_free(uint64_t loader);

/* Lists and the report as blocks of tokens. */
uint64_t nexusgo_loader_names(uint64_t loader, uint32_t requested, uint64_t *tokens, int32_t *status, uint64_t *error);
uint64_t nexusgo_loader_report(uint64_t loader, uint64_t *tokens, int32_t *status, uint64_t *error);

void nexusgo_call_free(uint64_t call);

/* What a Go function has answered to Python. Lies in C's memory. */
typedef struct nexusgo_reply {
    nexusgo_token result; /* None to begin with; of a text: its size, the text itself is in `text` */
    uint64_t error;
    int32_t status;
    char *text; /* NEXUSGO_SHORT bytes */
} nexusgo_reply;
void nexusgo_reply_build(nexusgo_reply *reply, const nexusgo_token *tokens, size_t token_count, const char *text);
void nexusgo_reply_raise(nexusgo_reply *reply, int32_t status, const char *type, const char *message);
void nexusgo_reply_raise_object(nexusgo_reply *reply, uint64_t exception);

typedef struct nexusgo_buffer {
    uint64_t object;
    uint32_t flags;
    int32_t status;
    uint64_t error;
    uint64_t buffer;
    uint64_t data; /* the address */
    uint64_t size, item_size, ndim;
    uint64_t shape, strides; /* addresses of `ndim` ptrdiff_t */
    char format[64];
    uint32_t read_only, c_contiguous, f_contiguous;
} nexusgo_buffer;
void nexusgo_buffer_get(nexusgo_buffer *buffer);
void nexusgo_buffer_free(uint64_t buffer);

typedef struct nexusgo_memory {
    uint32_t read_only;
    int32_t status;
    uint64_t size, item_size, ndim;
    ptrdiff_t shape[8];
    char format[16];
    uint64_t hold;  /* the cgo.Handle of what keeps the memory */
    uint32_t taken; /* whether it will be told when Python is done */
    uint64_t error;
    uint64_t memory;
    uint64_t object;
} nexusgo_memory;
void nexusgo_memory_new(nexusgo_memory *memory, void *data);
int32_t nexusgo_memory_revoke(uint64_t memory, uint64_t *error);
void nexusgo_memory_free(uint64_t memory);

void nexusgo_log_set(int on, uint32_t level);

/* A file's inspection as JSON, in a block of one token. */
uint64_t nexusgo_inspect(const char *path, uint64_t *tokens, int32_t *status, uint64_t *error);

/* --- Between the parts of the bridge ------------------------------------------------------------ */

/* A block of tokens and bytes that grows. Offsets in its tokens become addresses when it is finished. */
typedef struct nexusgo_writer {
    nexusgo_token *tokens;
    size_t count, room;
    char *bytes;
    size_t used, space;
    int tokens_lent, bytes_lent; /* they are a frame's, and not to be freed */
    int failed;                  /* no memory */
} nexusgo_writer;
/* One that begins with the room that a frame has. */
nexusgo_writer nexusgo_writer_of(nexusgo_frame *frame);
void nexusgo_write(nexusgo_writer *writer, uint64_t kind, uint64_t word, uint64_t size);
void nexusgo_write_bytes(nexusgo_writer *writer, uint64_t kind, const void *data, size_t size);
void nexusgo_write_text(nexusgo_writer *writer, const char *text);
void *nexusgo_write_room(nexusgo_writer *writer, uint64_t kind, size_t count, size_t each);
void nexusgo_write_names(nexusgo_writer *writer, const NexusNames *names);
uint64_t nexusgo_writer_finish(nexusgo_writer *writer, uint64_t *tokens);
/* The same for the frame of nexusgo_writer_of: 0 without memory. */
int nexusgo_writer_finish_frame(nexusgo_writer *writer, nexusgo_frame *frame);

/* The values of an array of tokens. */
enum { NEXUSGO_FEW = 12 };
typedef struct nexusgo_values {
    NexusValue *values;
    const char **names;
    unsigned char *owned;
    size_t count, positional, name_count;
    void *block;
    NexusValue few_values[NEXUSGO_FEW];
    const char *few_names[NEXUSGO_FEW];
    unsigned char few_owned[NEXUSGO_FEW];
} nexusgo_values;
NexusStatus nexusgo_values_make(nexusgo_values *values, const nexusgo_token *tokens, size_t count, const char *text,
                                NexusError **error);
void nexusgo_values_drop(nexusgo_values *values);
void nexusgo_functions_drop(const nexusgo_token *tokens, size_t count);

/* Puts a result into the frame, in the shape that it asks for, and releases it. */
void nexusgo_result(nexusgo_frame *frame, NexusValue *value, const char *text, NexusError **error);

NexusStatus nexusgo_read(nexusgo_writer *writer, NexusValue *value, const char **shape, NexusError **error);
int nexusgo_is_list_or_tuple(const NexusObject *object);

/* Around a call that can be cancelled, with the GIL held; 0: it is cancelled already. */
int nexusgo_slot_enter(nexusgo_slot *slot);
void nexusgo_slot_leave(nexusgo_slot *slot);
/* Before and after a Go function that Python calls: KeyboardInterrupt, if the call around it was interrupted. */
NexusStatus nexusgo_slot_before_go(NexusError **error);
NexusStatus nexusgo_slot_after_go(NexusError **error);

NexusStatus nexusgo_function(const char *name, uint64_t handle, NexusObject **callable, NexusError **error);

#define NEXUSGO_POINTER(type, number) ((type *)(uintptr_t)(number))
#define NEXUSGO_NUMBER(pointer) ((uint64_t)(uintptr_t)(pointer))

#endif
