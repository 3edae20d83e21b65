// nexus_loader.hpp in a second unit of the same program, after the standard library's and part by part: each
// includes what it needs, and nothing is defined twice.
#include <string>

#include "nexus_loader/access.hpp"
#include "nexus_loader/arguments.hpp"
#include "nexus_loader/arrow.hpp"
#include "nexus_loader/buffer.hpp"
#include "nexus_loader/function.hpp"
#include "nexus_loader/inspection.hpp"
#include "nexus_loader/iterate.hpp"
#include "nexus_loader/loader.hpp"
#include "nexus_loader/make.hpp"
#include "nexus_loader/memory.hpp"
#include "nexus_loader/prepared.hpp"
#include "nexus_loader/python.hpp"
#include "nexus_loader/tensor.hpp"
#include "nexus_loader/text.hpp"

int second_unit();

int second_unit()
{
    const nexus::Object answer(nexus_value_integer(42));
    return answer.try_as<int>().value_or(0);
}
