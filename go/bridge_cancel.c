/* Ending the Python code of one call, and of no other.
 *
 * A call's slot changes with the GIL held only. So whoever holds it can tell whether the call is running,
 * and while it is, the thread cannot begin another one. */
#include "bridge.h"

enum { WAITING, RUNNING, DONE };

/* The slots of this thread's calls, the innermost first: a Go function that Python calls may call Python. */
static _Thread_local nexusgo_slot *innermost;

int nexusgo_slot_enter(nexusgo_slot *slot)
{
    if (__atomic_load_n(&slot->interrupted, __ATOMIC_RELAXED)) {
        slot->state = DONE;
        return 0;
    }
    slot->thread = nexus_thread_id();
    slot->state = RUNNING;
    slot->outer = NEXUSGO_NUMBER(innermost);
    innermost = slot;
    return 1;
}

void nexusgo_slot_leave(nexusgo_slot *slot)
{
    slot->state = DONE;
    innermost = NEXUSGO_POINTER(nexusgo_slot, slot->outer);
    /* What has not been raised by now must not hit the call that this one was made from. If that one was
     * interrupted, too, it is told at the end of the Go function in between. */
    if (__atomic_load_n(&slot->interrupted, __ATOMIC_RELAXED)) nexus_thread_uninterrupt(slot->thread, NULL);
}

/* The slot of the call that this thread is in, if that was interrupted and no Go function has found out. */
static nexusgo_slot *interrupted(void)
{
    nexusgo_slot *slot = innermost;
    return slot && !slot->told && __atomic_load_n(&slot->interrupted, __ATOMIC_RELAXED) ? slot : NULL;
}

/* Raises what waits for the next Python code, if anything does: the interpreter looks before the first
 * instruction. */
static NexusStatus raise_waiting(NexusError **error)
{
    NexusObject *builtins = NULL, *names = NULL;
    NexusValue arguments[] = {nexus_value_text("None", 4), nexus_value_none()}, none;
    NexusStatus status = nexus_import("builtins", &builtins, error);
    if (status == NEXUS_OK) status = nexus_dict_new(NULL, NULL, 0, &names, error);
    if (status == NEXUS_OK) {
        arguments[1] = nexus_value_object(names);
        status = nexus_object_call_method(builtins, "eval", arguments, 2, &none, error);
        nexus_value_clear(&none);
    }
    nexus_object_free(names);
    nexus_object_free(builtins);
    return status;
}

/* Code such as `sorted` calls a Go function again and again without an instruction of Python's in between. */
NexusStatus nexusgo_slot_before_go(NexusError **error)
{
    nexusgo_slot *slot = interrupted();
    if (!slot) return NEXUS_OK;
    /* It may have been raised already, and caught. */
    slot->told = 1;
    return raise_waiting(error);
}

/* Interrupted while the Go function ran: the calls that it made may have raised it, or taken it back. */
NexusStatus nexusgo_slot_after_go(NexusError **error)
{
    nexusgo_slot *slot = interrupted();
    if (!slot) return NEXUS_OK;
    slot->told = 1;
    nexus_thread_uninterrupt(slot->thread, NULL);
    return nexus_error_raise("builtins.KeyboardInterrupt", NULL, error);
}

void nexusgo_cancel(nexusgo_slot *slot)
{
    if (nexus_python_attach(NULL) != NEXUS_OK) return;
    if (slot->state != DONE) __atomic_store_n(&slot->interrupted, 1, __ATOMIC_RELAXED);
    if (slot->state == RUNNING) {
        nexus_thread_interrupt(slot->thread, NULL);
        /* It waits for imports to end, without the GIL: meanwhile the call may have ended, and another begun. */
        if (slot->state == DONE) nexus_thread_uninterrupt(slot->thread, NULL);
    }
    nexus_python_detach(NULL);
}
