// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/latency.h"

#include "core/base/error.h"

namespace eigenquant {

std::string_view name(KvPrecision precision)
{
    return precision == KvPrecision::F16 ? "f16" : "int8";
}

KvPrecision kvPrecisionFromName(std::string_view text)
{
    for (const KvPrecision precision : {KvPrecision::F16, KvPrecision::Int8})
        if (text == name(precision))
            return precision;
    throw Error::usage("unknown precision of the cache")
        .field("kv")
        .found("\"" + std::string(text) + "\"")
        .expected("one of f16, int8");
}

} // namespace eigenquant
