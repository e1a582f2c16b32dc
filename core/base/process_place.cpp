// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process_place.h"

#include "core/base/error.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace eigenquant {

namespace {

constexpr int kMostProcesses = 1 << 16;
constexpr int kMostPorts = 65535;

std::string variable(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

int number(const char* name, int low, int high)
{
    const std::string text = variable(name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < low || value > high)
        throw Error::usage("the variables of a job of several processes make no sense")
            .field(name)
            .found(text.empty() ? "nothing" : "\"" + text.substr(0, 40) + "\"")
            .expected(std::to_string(low) + " to " + std::to_string(high))
            .hint("start the program with torchrun --no-python, or unset WORLD_SIZE");
    return value;
}

} // namespace

ProcessPlace ProcessPlace::fromEnvironment()
{
    ProcessPlace place;
    if (variable("WORLD_SIZE").empty())
        return place;
    place.size = number("WORLD_SIZE", 1, kMostProcesses);
    if (place.size == 1)
        return place;
    place.rank = number("RANK", 0, place.size - 1);
    place.localRank = variable("LOCAL_RANK").empty() ? place.rank : number("LOCAL_RANK", 0, place.size - 1);
    place.localSize = variable("LOCAL_WORLD_SIZE").empty() ? 1 : number("LOCAL_WORLD_SIZE", 1, place.size);
    place.port = number("MASTER_PORT", 1, kMostPorts);
    place.address = variable("MASTER_ADDR");
    if (place.address.empty())
        throw Error::usage("the variables of a job of several processes make no sense")
            .field("MASTER_ADDR")
            .found("nothing")
            .expected("the machine of process 0")
            .hint("start the program with torchrun --no-python, or unset WORLD_SIZE");
    place.launcherHosts = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
    place.attempt = variable("TORCHELASTIC_RESTART_COUNT");
    return place;
}

} // namespace eigenquant
