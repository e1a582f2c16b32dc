// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"
#include "tests/core/io/gguf_builder.h"
#include "tests/support/temporary_folder.h"

#include <limits>

namespace eigenquant::test {

namespace {

std::shared_ptr<const GgufStore> open(const TemporaryFolder& folder, const GgufBuilder& builder)
{
    return GgufStore::open(folder.write("m.gguf", builder.file()));
}

} // namespace

TEST(Gguf, ShapesAreGivenSlowestDimensionFirst)
{
    const TemporaryFolder folder;
    const auto store = open(folder, GgufBuilder::valid());
    EXPECT_EQ(store->at("w").shape, (std::vector<std::int64_t>{3, 8}));
    EXPECT_EQ(floatsOf(*store, "w")[9], 9.0f);
    EXPECT_EQ(store->text("general.name"), "tiny");
}

TEST(Gguf, WithoutTensorsTheFileMayEndBeforeThePadding)
{
    const TemporaryFolder folder;
    GgufBuilder builder = GgufBuilder::valid();
    builder.tensors.clear();
    builder.data.clear();
    builder.alignment = 1; // of the file as written; what it says is 32
    EXPECT_TRUE(open(folder, builder)->tensors().empty());
}

TEST(Gguf, ThePaddingBehindTheLastTensorMayBeLeftOut)
{
    const TemporaryFolder folder;
    GgufBuilder builder = GgufBuilder::valid();
    builder.tensors.push_back(GgufBuilder::tensor("v", {1}, 0, 96));
    builder.data += bytesOf(7.0f);
    EXPECT_EQ(floatsOf(*open(folder, builder), "v"), std::vector<float>{7});
    builder.data.resize(128);
    EXPECT_EQ(floatsOf(*open(folder, builder), "v"), std::vector<float>{7});
}

TEST(Gguf, EmptyAndScalarTensors)
{
    const TemporaryFolder folder;
    GgufBuilder builder;
    builder.tensors = {GgufBuilder::tensor("scalar", {}, 0, 0), GgufBuilder::tensor("empty", {0, 5}, 0, 32)};
    builder.data = bytesOf(2.0f);
    const auto store = open(folder, builder);
    EXPECT_EQ(floatsOf(*store, "scalar"), std::vector<float>{2});
    EXPECT_EQ(store->at("empty").count(), 0);
    EXPECT_TRUE(floatsOf(*store, "empty").empty());
}

TEST(Gguf, MetadataOfAnotherKindIsNamed)
{
    const TemporaryFolder folder;
    GgufBuilder builder = GgufBuilder::valid();
    builder.entries.push_back(GgufBuilder::entry("x.count", 4, bytesOf<std::uint32_t>(7)));
    builder.entries.push_back(GgufBuilder::entry("x.nan", 6, bytesOf(std::numeric_limits<float>::quiet_NaN())));
    const auto store = open(folder, builder);
    expectError([&] { store->text("x.count"); }, ErrorCode::Invalid, {"x.count", "an integer", "a string"});
    expectError([&] { store->integer("general.name"); }, ErrorCode::Invalid, {"general.name", "a string"});
    expectError([&] { store->integer("missing.key"); }, ErrorCode::Invalid, {"missing.key", "m.gguf"});
    expectError([&] { store->texts("missing.key"); }, ErrorCode::Invalid, {"missing.key"});
    expectError([&] { store->flagIf("x.count"); }, ErrorCode::Invalid, {"a truth value"});
    expectError([&] { store->realsIf("x.count"); }, ErrorCode::Invalid, {"x.count"});
    expectError([&] { store->realIf("x.nan"); }, ErrorCode::Invalid, {"x.nan", "finite"});
    EXPECT_FALSE(store->integerIf("missing.key"));
    EXPECT_FALSE(store->realIf("missing.key"));
    EXPECT_EQ(store->integersIf("missing.key"), nullptr);
    EXPECT_EQ(store->integerIf("x.count"), 7);
}

TEST(Gguf, ABlockWithANonFiniteScaleIsNamed)
{
    const TemporaryFolder folder;
    GgufBuilder builder;
    builder.tensors = {GgufBuilder::tensor("q", {64}, 8, 0)};
    std::string block = bytesOf<std::uint16_t>(0x3C00) + std::string(32, '\1');
    builder.data = block;
    block.replace(0, 2, bytesOf<std::uint16_t>(0x7C00));
    builder.data += block;
    const auto store = open(folder, builder);
    expectError([&] { floatsOf(*store, "q"); }, ErrorCode::Invalid, {"q: ", "index 32", "inf"});
}

} // namespace eigenquant::test
