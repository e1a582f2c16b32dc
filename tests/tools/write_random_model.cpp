// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a model of a well-known shape with random weights, to try sizes that no test could bring along:
//   write_random_model SHAPE FOLDER [SEED]
#include "core/base/error.h"
#include "tests/support/random_shards.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv)
{
    using namespace eigenquant::test;
    const auto& shapes = modelShapes();
    const auto named = [&](const ModelShape& shape) { return argc > 2 && shape.name == argv[1]; };
    const auto shape = std::find_if(shapes.begin(), shapes.end(), named);
    if (shape == shapes.end()) {
        std::fprintf(stderr, "write_random_model SHAPE FOLDER [SEED], where SHAPE is one of");
        for (const ModelShape& known : shapes)
            std::fprintf(stderr, " %s", known.name.c_str());
        std::fprintf(stderr, "\n");
        return 2;
    }
    try {
        constexpr std::uint64_t shardBytes = 2ull << 30;
        writeRandomShards(argv[2], *shape, argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1, shardBytes);
    } catch (const eigenquant::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return static_cast<int>(error.code());
    }
    return 0;
}
