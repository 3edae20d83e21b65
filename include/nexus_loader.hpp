// nexus_loader for C++17 and newer: open a directory of compiled Python extension modules and call them.
//
//     nexus::Loader loader("/opt/app/modules");
//     auto text = loader["crypto"].call<std::string>("encrypt", "data");
//
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Only headers, over the C interface of nexus_loader.h, whose rules hold here too; docs/cpp.md is a tutorial.
//
// Ownership  Every class owns what it stands for and frees it; all can be moved, none but Error be copied.
// Errors     Functions throw nexus::Error. Each has a twin named try_… that throws nothing and returns a
//            nexus::result: the value or the Error. With -fno-exceptions, or NEXUS_NO_EXCEPTIONS defined,
//            there are only the twins. Memory that runs out in this header itself is std::bad_alloc.
// Values     nexus::Object is any Python object. Arguments and results are C++ types; conversions never
//            guess: see scalars.hpp and containers.hpp, and nexus::convert for types of your own.
// Threads    Any thread may call any function; one object at a time, as with the standard library's.
#ifndef NEXUS_LOADER_HPP
#define NEXUS_LOADER_HPP

#include "nexus_loader/access.hpp"
#include "nexus_loader/arguments.hpp"
#include "nexus_loader/arrow.hpp"
#include "nexus_loader/buffer.hpp"
#include "nexus_loader/config.hpp"
#include "nexus_loader/containers.hpp"
#include "nexus_loader/error.hpp"
#include "nexus_loader/function.hpp"
#include "nexus_loader/inspection.hpp"
#include "nexus_loader/iterate.hpp"
#include "nexus_loader/loader.hpp"
#include "nexus_loader/make.hpp"
#include "nexus_loader/memory.hpp"
#include "nexus_loader/names.hpp"
#include "nexus_loader/object.hpp"
#include "nexus_loader/prepared.hpp"
#include "nexus_loader/python.hpp"
#include "nexus_loader/report.hpp"
#include "nexus_loader/result.hpp"
#include "nexus_loader/scalars.hpp"
#include "nexus_loader/tensor.hpp"
#include "nexus_loader/text.hpp"

#endif
