/* Permissions that hold for root, too. */
#ifndef PERMISSIONS_H
#define PERMISSIONS_H

#include "check.h"

#include <linux/capability.h>
#include <sys/syscall.h>

/* Even root may not read or write what it has no permission for, once it has given up these. For this thread
 * and those that it starts. */
static inline void obey_permissions(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    CHECK(syscall(SYS_capget, &header, data) == 0);
    data[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    CHECK(syscall(SYS_capset, &header, data) == 0);
}

#endif
