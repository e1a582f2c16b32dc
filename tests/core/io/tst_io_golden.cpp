// SPDX-License-Identifier: GPL-3.0-or-later
// Files written by the PyPI packages safetensors and gguf; tests/golden/make_io_golden.py makes them.
#include "core/io/gguf.h"
#include "core/io/safetensors.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

#include "core/io/text_file.h"

#include <bit>
#include <cstdint>

namespace eigenquant::test {

namespace {

/// Every tensor that the oracle converted to float32 must be the same here, bit for bit in value.
void expectSameFloats(const TensorStore& store, std::string_view expectedName)
{
    const auto expected = SafetensorsStore::openFile(golden(expectedName));
    ASSERT_FALSE(expected->tensors().empty());
    for (const StoredTensor& tensor : expected->tensors()) {
        SCOPED_TRACE(tensor.name);
        EXPECT_EQ(store.at(tensor.name).shape, tensor.shape);
        EXPECT_EQ(floatsOf(store, tensor.name), floatsOf(*expected, tensor.name));
    }
}

} // namespace

TEST(IoGolden, SafetensorsOfEveryType)
{
    const auto store = SafetensorsStore::openFile(golden("types.safetensors"));
    EXPECT_EQ(store->tensors().size(), 14u);
    expectSameFloats(*store, "types.safetensors.expected.safetensors");
    EXPECT_EQ(store->metadata(), (std::map<std::string, std::string>{{"note", "äöü \"quoted\""}}));
    EXPECT_TRUE(store->at("scalar").shape.empty());
    EXPECT_EQ(store->at("scalar").count(), 1);
    EXPECT_EQ(store->at("empty").count(), 0);
    EXPECT_EQ(store->at("empty.inside").shape, (std::vector<std::int64_t>{3, 0, 2}));
    const std::map<std::string, StoredType> integers{{"i64", StoredType::I64}, {"i32", StoredType::I32},
                                                     {"i16", StoredType::I16}, {"i8", StoredType::I8},
                                                     {"u8", StoredType::U8},   {"bool", StoredType::Bool}};
    for (const auto& [name, type] : integers) {
        EXPECT_EQ(store->at(name).type, type);
        expectError([&] { floatsOf(*store, name); }, ErrorCode::Unsupported, {name, eigenquant::name(type)});
    }
}

TEST(IoGolden, Float8IsRefusedByName)
{
    expectError([] { SafetensorsStore::openFile(golden("fp8.safetensors")); }, ErrorCode::Unsupported,
                {"layer.weight", "F8_E4M3", "one of F64, F32"});
}

TEST(IoGolden, ShardedFolder)
{
    const auto store = SafetensorsStore::openFolder(golden("sharded"));
    ASSERT_EQ(store->tensors().size(), 3u);
    EXPECT_EQ(floatsOf(*store, "a.weight"), (std::vector<float>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(floatsOf(*store, "c.weight"), std::vector<float>(4, -1.5f));
    EXPECT_EQ(store->files().size(), 2u);
    EXPECT_EQ(store->at("c.weight").fileIndex, 1u);
    EXPECT_EQ(store->tensorInfo().back().file, golden("sharded/model-00002-of-00002.safetensors").string());
    EXPECT_EQ(store->metadata().at("format"), "pt");
}

TEST(IoGolden, GgufOfEveryType)
{
    const auto store = GgufStore::open(golden("types.gguf"));
    EXPECT_EQ(store->tensors().size(), 9u);
    expectSameFloats(*store, "types.gguf.expected.safetensors");
    EXPECT_EQ(store->at("q4_0.random").type, StoredType::Q4_0);
    EXPECT_EQ(store->at("q4_0.random").bytes.size(), 3u * 2 * 18);
    EXPECT_EQ(store->at("f32").shape, (std::vector<std::int64_t>{3, 5}));
}

/// As expectSameFloats(), and signs of zero too.
void expectSameBits(const TensorStore& store, std::string_view expectedName)
{
    const auto expected = SafetensorsStore::openFile(golden(expectedName));
    ASSERT_EQ(expected->tensors().size(), store.tensors().size());
    for (const StoredTensor& tensor : expected->tensors()) {
        SCOPED_TRACE(tensor.name);
        const std::vector<float> ours = floatsOf(store, tensor.name), theirs = floatsOf(*expected, tensor.name);
        ASSERT_EQ(ours.size(), theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i)
            ASSERT_EQ(std::bit_cast<std::uint32_t>(ours[i]), std::bit_cast<std::uint32_t>(theirs[i])) << i;
    }
}

TEST(IoGolden, GgufBlocksAreTheSameBits)
{
    const auto store = GgufStore::open(golden("blocks.gguf"));
    for (const StoredTensor& tensor : store->tensors())
        EXPECT_EQ(tensor.name, name(tensor.type));
    expectSameBits(*store, "blocks.gguf.expected.safetensors");
}

TEST(IoGolden, AnyPartOfASplitGgufOpensAll)
{
    const std::string whole = GgufStore::open(golden("blocks.gguf"))->fingerprint();
    for (const char* part : {"parts-00001-of-00003.gguf", "parts-00002-of-00003.gguf", "parts-00003-of-00003.gguf"}) {
        SCOPED_TRACE(part);
        const auto store = GgufStore::open(golden(part));
        EXPECT_EQ(store->files().size(), 3u);
        EXPECT_EQ(store->text("general.name"), "blocks");
        EXPECT_EQ(store->fingerprint(), whole);
        expectSameBits(*store, "blocks.gguf.expected.safetensors");
    }
}

TEST(IoGolden, GgufWithAnAlignmentOfItsOwn)
{
    expectSameFloats(*GgufStore::open(golden("aligned.gguf")), "aligned.gguf.expected.safetensors");
}

TEST(IoGolden, GgufVersion2IsReadLikeVersion3)
{
    std::string file = readFile(golden("types.gguf"));
    ASSERT_EQ(file[4], 3);
    file[4] = 2;
    const TemporaryFolder folder;
    expectSameFloats(*GgufStore::open(folder.write("v2.gguf", file)), "types.gguf.expected.safetensors");
}

TEST(IoGolden, GgufMetadataOfEveryType)
{
    const auto store = GgufStore::open(golden("types.gguf"));
    EXPECT_EQ(store->text("general.architecture"), "llama");
    EXPECT_EQ(store->integer("value.u8"), 255);
    EXPECT_EQ(store->integer("value.i8"), -128);
    EXPECT_EQ(store->integer("value.u16"), 65535);
    EXPECT_EQ(store->integer("value.i16"), -32768);
    EXPECT_EQ(store->integer("value.u32"), 4294967295);
    EXPECT_EQ(store->integer("value.i32"), -2147483648LL);
    EXPECT_EQ(store->integer("value.u64"), INT64_MAX);
    EXPECT_EQ(store->integerIf("value.i64"), INT64_MIN);
    EXPECT_EQ(store->realIf("value.f32"), 0.5);
    EXPECT_EQ(store->realIf("value.f64"), 0.1);
    EXPECT_EQ(store->realIf("value.u8"), 255.0);
    EXPECT_EQ(store->flagIf("value.bool"), true);
    EXPECT_EQ(store->textIf("value.string"), "grüße");
    EXPECT_EQ(store->texts("array.string"), (std::vector<std::string>{"", "Ġthe", "<|end|>"}));
    EXPECT_EQ(*store->integersIf("array.int"), (std::vector<std::int64_t>{1, -2, 3}));
    EXPECT_EQ(*store->realsIf("array.float"), (std::vector<double>{0.5, -1.5}));
    EXPECT_EQ(std::get<std::vector<bool>>(store->metadata().at("array.bool")), (std::vector<bool>{true, false}));
}

TEST(IoGolden, BigEndianGgufIsRefusedByName)
{
    expectError([] { GgufStore::open(golden("big_endian.gguf")); }, ErrorCode::Unsupported, {"big-endian"});
}

} // namespace eigenquant::test
