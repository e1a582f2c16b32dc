// SPDX-License-Identifier: GPL-3.0-or-later
// Thousands of damaged copies of the golden files: each is either read or refused with an Error. The copies
// lie in heap blocks of their exact size, so that the address sanitizer sees a read of one byte too many.
#include "core/io/dequantize.h"
#include "core/io/gguf_content.h"
#include "core/io/safetensors_header.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/io/token_ids.h"
#include "tests/core/io/io_test.h"

#include <functional>
#include <random>

namespace eigenquant::test {

namespace {

constexpr int kRounds = 4000;

class ContentStore : public TensorStore {
public:
    explicit ContentStore(std::vector<StoredTensor> tensors) { setTensors(std::move(tensors), {"damaged"}); }
};

/// A few bytes changed, moved or cut off; half of the time in the part in front, where the structure is.
std::vector<std::byte> damage(std::vector<std::byte> bytes, std::mt19937& random)
{
    const auto below = [&](std::size_t limit) {
        return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1));
    };
    const std::size_t front = random() % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 256);
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
        std::byte& target = bytes[below(front)];
        switch (below(4)) {
        case 0:
            target = static_cast<std::byte>(random());
            break;
        case 1:
            target ^= std::byte{1} << below(8);
            break;
        case 2:
            target = bytes[below(bytes.size())];
            break;
        case 3:
            target = random() % 2 ? std::byte{0xFF} : std::byte{0};
            break;
        }
    }
    if (below(8) == 0)
        bytes.resize(below(bytes.size()));
    bytes.shrink_to_fit();
    return bytes;
}

struct Tally {
    int read = 0, refused = 0;
};

Tally readDamagedBytes(const std::string& whole, const std::function<void(std::span<const std::byte>)>& read)
{
    const auto bytes = asBytes(whole);
    std::mt19937 random(20240607);
    Tally tally;
    for (int i = 0; i < kRounds; ++i) {
        const auto damaged = damage({bytes.begin(), bytes.end()}, random);
        // In a block of its own size: what resize() left behind would hide an overrun.
        const std::vector<std::byte> exact(damaged.begin(), damaged.end());
        try {
            read(exact);
            ++tally.read;
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::Invalid || error.code() == ErrorCode::Unsupported)
                << error.what();
            EXPECT_EQ(firstInvalidUtf8(error.what()), std::string::npos);
            ++tally.refused;
        }
    }
    return tally;
}

Tally readDamaged(std::string_view goldenName, const std::function<void(std::span<const std::byte>)>& read)
{
    return readDamagedBytes(readFile(golden(goldenName)), read);
}

void readAll(std::vector<StoredTensor> tensors)
{
    const ContentStore store(std::move(tensors));
    store.fingerprint();
    for (const StoredTensor& tensor : store.tensors())
        if (isFloatLike(tensor.type))
            floatsOf(store, tensor.name);
}

} // namespace

TEST(Mutations, Safetensors)
{
    for (const char* name : {"types.safetensors", "sharded/model-00001-of-00002.safetensors"}) {
        const Tally tally =
            readDamaged(name, [](auto bytes) { readAll(parseSafetensors(bytes, "damaged", 0).tensors); });
        EXPECT_GT(tally.refused, kRounds / 4) << name;
        EXPECT_GT(tally.read, kRounds / 50) << name;
    }
}

TEST(Mutations, Gguf)
{
    for (const char* name : {"types.gguf", "aligned.gguf", "blocks.gguf", "parts-00002-of-00003.gguf"}) {
        const Tally tally = readDamaged(name, [](auto bytes) { readAll(parseGguf(bytes, "damaged").tensors); });
        EXPECT_GT(tally.refused, kRounds / 4) << name;
        EXPECT_GT(tally.read, kRounds / 50) << name;
    }
}

TEST(Mutations, TokenIds)
{
    const std::string npy = npyFile("<i4", "(4,)", bytesOf<std::int32_t>(7) + bytesOf<std::int32_t>(0) +
                                                       bytesOf<std::int32_t>(99) + bytesOf<std::int32_t>(1));
    const Tally tally = readDamagedBytes(npy, [](auto bytes) {
        checkTokenIds(parseNpyIntegers(bytes, "damaged"), 100, "damaged");
    });
    EXPECT_GT(tally.refused, kRounds / 4);
    EXPECT_GT(tally.read, kRounds / 50);
}

TEST(Mutations, Json)
{
    const Tally tally = readDamaged("sharded/model.safetensors.index.json", [](auto bytes) {
        parseStrictJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "damaged");
    });
    EXPECT_GT(tally.refused, kRounds / 4);
    EXPECT_GT(tally.read, kRounds / 50);
}

} // namespace eigenquant::test
