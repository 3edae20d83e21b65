/* Starting Python on a thread that exists for that alone.
 *
 * The thread that starts Python is Python's main thread, the only one that may take signals
 * (`signal.signal`) and on which asyncio does so of its own accord. A goroutine's thread would be that by
 * chance. So there is one without goroutines, which waits for ever: Python code cannot take Go's signals. */
#define _GNU_SOURCE
#include "bridge.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int running, asked, answered;
static const NexusPythonConfig *asked_config;
static NexusStatus answer;
static NexusError *answer_error;

static void *serve(void *unused)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!asked) pthread_cond_wait(&changed, &lock);
        const NexusPythonConfig *config = asked_config;
        pthread_mutex_unlock(&lock);
        NexusError *error = NULL;
        NexusStatus status = nexus_python_start(config, &error);
        pthread_mutex_lock(&lock);
#ifndef _WIN32
        if (status == NEXUS_OK) {
            /* Go's handlers work on any thread, but better on its own. */
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_BLOCK, &all, NULL);
        }
#endif
        asked = 0;
        answered = 1;
        answer = status;
        answer_error = error;
        pthread_cond_broadcast(&changed);
    }
    return unused;
}

/* One at a time. */
static NexusStatus start_there(const NexusPythonConfig *config, NexusError **error)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&turn);
    pthread_mutex_lock(&lock);
    pthread_t thread;
    if (!running && pthread_create(&thread, NULL, serve, NULL) == 0) {
        pthread_detach(thread);
        running = 1;
    }
    NexusStatus status;
    if (running) {
        asked_config = config;
        asked = 1;
        answered = 0;
        pthread_cond_broadcast(&changed);
        while (!answered) pthread_cond_wait(&changed, &lock);
        status = answer;
        *error = answer_error;
    } else {
        status = nexus_error_new(NEXUS_ERR_NO_MEMORY, "no thread could be made to start Python on", error);
    }
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&turn);
    return status;
}

static const char *at(const char *text, uint64_t offset)
{
    return offset == UINT64_MAX ? NULL : text + offset;
}

/* The config; 0 without memory. `argv` is to be freed. */
static int configure(NexusPythonConfig *config, const nexusgo_start *start, const char *text, const char ***argv)
{
    *config = (NexusPythonConfig){.struct_size = sizeof *config, .flags = start->flags};
    config->python = at(text, start->python);
    *argv = malloc((start->argv_count + 1) * sizeof **argv);
    if (!*argv) return 0;
    const char *next = text + start->argv;
    for (uint64_t i = 0; i < start->argv_count; i++) {
        (*argv)[i] = next;
        while (*next++) {
        }
    }
    config->argv = start->has_argv ? *argv : NULL;
    config->argv_count = (size_t)start->argv_count;
    return 1;
}

void nexusgo_python_start(nexusgo_start *start, const char *text)
{
    NexusPythonConfig config;
    NexusError *error = NULL;
    const char **argv = NULL;
    start->status = NEXUS_ERR_NO_MEMORY;
    if (configure(&config, start, text, &argv)) {
        start->status = (int32_t)start_there(&config, &error);
    }
    start->error = NEXUSGO_NUMBER(error);
    free(argv);
}

uint64_t nexusgo_python_search(nexusgo_start *start, uint64_t *tokens, const char *text)
{
    NexusPythonConfig config;
    NexusError *error = NULL;
    NexusNames *names = NULL;
    const char **argv = NULL;
    nexusgo_writer writer = {0};
    start->status = NEXUS_ERR_NO_MEMORY;
    if (configure(&config, start, text, &argv)) start->status = (int32_t)nexus_python_search(&config, &names, &error);
    start->error = NEXUSGO_NUMBER(error);
    free(argv);
    nexusgo_write_names(&writer, names);
    nexus_names_free(names);
    return nexusgo_writer_finish(&writer, tokens);
}

void nexusgo_python_info(nexusgo_python *python)
{
    NexusPythonInfo info = {.struct_size = sizeof info};
    NexusError *error = NULL;
    python->status = (int32_t)nexus_python_info(&info, &error);
    python->error = NEXUSGO_NUMBER(error);
    python->version = info.version;
    python->owned = info.owned;
    python->version_text = info.version_text;
    python->library = info.library;
    python->executable = info.executable;
    python->prefix = info.prefix;
    python->reason = info.reason;
}
