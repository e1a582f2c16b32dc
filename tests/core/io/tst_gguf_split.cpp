// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"
#include "core/io/gguf_split.h"
#include "core/io/shard_name.h"
#include "tests/core/io/gguf_builder.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

constexpr std::uint32_t kUInt16 = 2, kInt32 = 5;

/// A part with one scalar tensor.
GgufBuilder part(std::uint16_t number, std::uint16_t count, std::int32_t tensors, const std::string& tensor)
{
    GgufBuilder builder;
    builder.entries = {GgufBuilder::entry("split.no", kUInt16, bytesOf(number)),
                       GgufBuilder::entry("split.count", kUInt16, bytesOf(count)),
                       GgufBuilder::entry("split.tensors.count", kInt32, bytesOf(tensors))};
    builder.tensors = {GgufBuilder::tensor(tensor, {1}, 0, 0)};
    builder.data = bytesOf(static_cast<float>(number));
    return builder;
}

void expectOpenError(const std::filesystem::path& file, std::initializer_list<std::string_view> words)
{
    expectError([&] { GgufStore::open(file); }, ErrorCode::Invalid, words);
}

} // namespace

TEST(ShardName, PartsOfTheName)
{
    const auto name = ShardName::parse("model-00002-of-00013.safetensors");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->stem, "model");
    EXPECT_EQ(name->number, 2);
    EXPECT_EQ(name->count, 13);
    EXPECT_EQ(name->sibling(13), "model-00013-of-00013.safetensors");
    for (const char* other : {"model.gguf", "model-2-of-3.gguf", "-00001-of-00002.gguf", "m-00003-of-00002.gguf",
                              "m-00000-of-00002.gguf", "m-00001-of-0000x.gguf", "m-00001_of_00002.gguf", "", ".gguf"}) {
        EXPECT_FALSE(ShardName::parse(other)) << other;
    }
}

TEST(GgufSplit, MissingPartsAreNamed)
{
    const TemporaryFolder folder;
    const auto second = folder.write("m-00002-of-00004.gguf", part(1, 4, 4, "b").file());
    folder.write("m-00003-of-00004.gguf", part(2, 4, 4, "c").file());
    expectOpenError(second, {"missing shard", "m-00001-of-00004.gguf", "m-00004-of-00004.gguf"});
}

TEST(GgufSplit, ANameThatIsNotThePartsOwn)
{
    const TemporaryFolder folder;
    expectOpenError(folder.write("model.gguf", part(0, 2, 2, "a").file()), {"model.gguf", "NAME-00001-of-00002.gguf"});
    expectOpenError(folder.write("m-00002-of-00002.gguf", part(0, 2, 2, "a").file()), {"NAME-00001-of-00002.gguf"});
    expectOpenError(folder.write("m-00001-of-00003.gguf", part(0, 2, 2, "a").file()), {"NAME-00001-of-00002.gguf"});
}

TEST(GgufSplit, PartsThatDoNotAgree)
{
    const TemporaryFolder folder;
    const auto first = folder.write("m-00001-of-00002.gguf", part(0, 2, 2, "a").file());
    const auto second = [&](const GgufBuilder& builder) { folder.write("m-00002-of-00002.gguf", builder.file()); };
    second(part(0, 2, 2, "b"));
    expectOpenError(first, {"m-00002-of-00002.gguf", "another part", "found 0, 2", "expected 1, 2"});
    second(part(1, 3, 2, "b"));
    expectOpenError(first, {"another part", "1, 3"});
    second(GgufBuilder::valid());
    expectOpenError(first, {"m-00002-of-00002.gguf", "another part"});
    second(part(1, 2, 3, "b"));
    expectOpenError(first, {"split.tensors.count", "found 3", "expected 2"});
    second(part(1, 2, 2, "a"));
    expectOpenError(first, {"two tensors", "a: "});
    second(part(1, 2, 2, "b"));
    EXPECT_EQ(GgufStore::open(first)->tensors().size(), 2u);
}

TEST(GgufSplit, TensorsThatAreMissing)
{
    const TemporaryFolder folder;
    const auto first = folder.write("m-00001-of-00002.gguf", part(0, 2, 3, "a").file());
    folder.write("m-00002-of-00002.gguf", part(1, 2, 3, "b").file());
    expectOpenError(first, {"split.tensors.count", "found 2", "expected 3"});
}

TEST(GgufSplit, NumbersThatMakeNoSense)
{
    const TemporaryFolder folder;
    expectOpenError(folder.write("m-00001-of-00002.gguf", part(7, 2, 2, "a").file()), {"split.no", "0 to 1"});
    expectOpenError(folder.write("m-00001-of-00002.gguf", part(0, 2, -1, "a").file()), {"split.tensors.count", "-1"});
    GgufBuilder unnumbered = part(0, 2, 2, "a");
    unnumbered.entries.erase(unnumbered.entries.begin());
    expectOpenError(folder.write("m-00001-of-00002.gguf", unnumbered.file()), {"split.no"});
    GgufBuilder endless = part(0, 2, 2, "a");
    endless.entries[1] = GgufBuilder::entry("split.count", 10, bytesOf<std::uint64_t>(1ull << 40));
    expectOpenError(folder.write("m-00001-of-00002.gguf", endless.file()), {"split.count", "99999"});
}

TEST(GgufSplit, AFileThatWasJoinedIsWhole)
{
    const TemporaryFolder folder;
    EXPECT_EQ(GgufStore::open(folder.write("any.gguf", part(0, 1, 1, "a").file()))->tensors().size(), 1u);
    EXPECT_EQ(GgufStore::open(folder.write("any.gguf", part(0, 0, 1, "a").file()))->tensors().size(), 1u);
}

TEST(GgufSplit, TheOneModelOfAFolder)
{
    const TemporaryFolder folder;
    EXPECT_FALSE(ggufInFolder(folder.path()));
    folder.write("m-00001-of-00002.gguf", part(0, 2, 2, "a").file());
    folder.write("m-00002-of-00002.gguf", part(1, 2, 2, "b").file());
    EXPECT_EQ(ggufInFolder(folder.path()), folder / "m-00001-of-00002.gguf");
    folder.write("other.gguf", "GGUF");
    expectError([&] { ggufInFolder(folder.path()); }, ErrorCode::Invalid, {"several", "other.gguf", "m-00001"});
}

} // namespace eigenquant::test
