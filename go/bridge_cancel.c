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
     * interrupted, too, the end of the Go function in between raises it: see bridge_callback.c. */
    if (__atomic_load_n(&slot->interrupted, __ATOMIC_RELAXED)) nexus_thread_uninterrupt(NULL);
}

int nexusgo_slot_interrupted(void)
{
    return innermost && __atomic_load_n(&innermost->interrupted, __ATOMIC_RELAXED);
}

void nexusgo_cancel(nexusgo_slot *slot)
{
    if (nexus_python_attach(NULL) != NEXUS_OK) return;
    if (slot->state != DONE) __atomic_store_n(&slot->interrupted, 1, __ATOMIC_RELAXED);
    if (slot->state == RUNNING) nexus_thread_interrupt(slot->thread, NULL);
    nexus_python_detach(NULL);
}
