/* The header in a second unit of the same program: nothing in it is defined twice. */
#include "nexus_loader.h"

int second_unit(void);

int second_unit(void) { return (int)nexus_value_integer(42).as.integer; }
