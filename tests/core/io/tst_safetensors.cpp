// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace eigenquant::test {

namespace {

using Metadata = std::map<std::string, std::string>;

std::span<const std::byte> bytes(const std::vector<float>& values)
{
    return std::as_bytes(std::span(values));
}

std::filesystem::path writeOne(const TemporaryFolder& folder, std::string_view name,
                               const std::vector<float>& values)
{
    const auto file = folder / name;
    SafetensorsWriter writer(file, {{"w", StoredType::F32, {static_cast<std::int64_t>(values.size())}}}, {});
    writer.write("w", bytes(values));
    writer.finish();
    return file;
}

} // namespace

TEST(Safetensors, RoundTripOfManyTensors)
{
    const TemporaryFolder folder;
    const std::vector<TensorSpec> specs{{"z.first", StoredType::F32, {2, 3}},
                                        {"empty", StoredType::F16, {0, 7}},
                                        {"a \"quoted\" ü", StoredType::U8, {3}},
                                        {"scalar", StoredType::F32, {}},
                                        {"last.empty", StoredType::I64, {0}}};
    const Metadata metadata{{"format", "pt"}, {"note", "line\nbreak"}};
    const std::vector<float> first{1, 2, 3, 4, 5, 6}, scalar{-0.5f};
    SafetensorsWriter writer(folder / "m.safetensors", specs, metadata);
    writer.write("z.first", bytes(first).first(10)); // in two pieces, the cut inside a value
    writer.write("z.first", bytes(first).subspan(10));
    writer.write("empty", {});
    writer.write("a \"quoted\" ü", asBytes("abc"));
    writer.write("scalar", bytes(scalar));
    writer.finish();

    const auto store = SafetensorsStore::openFile(folder / "m.safetensors");
    EXPECT_EQ(store->tensors().size(), specs.size());
    EXPECT_EQ(store->metadata(), metadata);
    EXPECT_EQ(floatsOf(*store, "z.first"), first);
    EXPECT_EQ(floatsOf(*store, "scalar"), scalar);
    EXPECT_EQ(store->at("empty").shape, (std::vector<std::int64_t>{0, 7}));
    EXPECT_EQ(std::memcmp(store->at("a \"quoted\" ü").bytes.data(), "abc", 3), 0);
    EXPECT_EQ(std::filesystem::file_size(folder / "m.safetensors"), safetensorsFileSize(specs, metadata));
}

TEST(Safetensors, DataBegins64ByteAlignedInTheOrderOfTheSpecs)
{
    const TemporaryFolder folder;
    for (int length = 1; length < 80; ++length) {
        const std::string name(static_cast<std::size_t>(length), 'n');
        SafetensorsWriter writer(folder / "m", {{name, StoredType::U8, {1}}, {"a", StoredType::U8, {1}}}, {});
        writer.write(name, asBytes("X"));
        writer.write("a", asBytes("Y"));
        writer.finish();
        const std::string file = readFile(folder / "m");
        std::uint64_t header = 0;
        std::memcpy(&header, file.data(), sizeof header);
        EXPECT_EQ((8 + header) % 64, 0u);
        EXPECT_EQ(file.substr(8 + header), "XY");
    }
}

TEST(Safetensors, WritesMoreThanItsBuffer)
{
    const TemporaryFolder folder;
    std::vector<float> large(700'000);
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<float>(i);
    SafetensorsWriter writer(folder / "m", {{"a", StoredType::U8, {3}}, {"b", StoredType::F32, {700'000}}}, {});
    writer.write("a", asBytes("abc"));
    writer.write("b", bytes(large));
    writer.finish();
    EXPECT_EQ(floatsOf(*SafetensorsStore::openFile(folder / "m"), "b"), large);
}

TEST(Safetensors, AnEmptyStoreIsValid)
{
    const TemporaryFolder folder;
    SafetensorsWriter(folder / "m", {}, {}).finish();
    EXPECT_TRUE(SafetensorsStore::openFile(folder / "m")->tensors().empty());
}

TEST(Safetensors, MisuseOfTheWriterIsOurOwnFault)
{
    const TemporaryFolder folder;
    const std::vector<TensorSpec> specs{{"a", StoredType::U8, {2}}, {"b", StoredType::U8, {1}}};
    const auto withWriter = [&](auto use) {
        return [&folder, &specs, use] {
            SafetensorsWriter writer(folder / "m", specs, {});
            use(writer);
        };
    };
    const auto code = ErrorCode::Internal;
    expectError(withWriter([](auto& w) { w.write("c", asBytes("x")); }), code, {"a"});
    expectError(withWriter([](auto& w) { w.write("a", asBytes("xyz")); }), code, {"too many", "a"});
    expectError(withWriter([](auto& w) { w.write("a", asBytes("x")), w.write("b", asBytes("x")); }), code,
                {"too few"});
    expectError(withWriter([](auto& w) { w.finish(); }), code, {"too few"});
    const auto construct = [&](std::vector<TensorSpec> bad) {
        return [&folder, bad] { SafetensorsWriter(folder / "m", bad, {}); };
    };
    expectError(construct({{"a", StoredType::U8, {1}}, {"a", StoredType::U8, {1}}}), code, {"twice"});
    expectError(construct({{"__metadata__", StoredType::U8, {1}}}), code, {"__metadata__"});
    expectError(construct({{"q", StoredType::Q4_0, {32}}}), code, {"q"});
    expectError(construct({{"q", StoredType::F32, {-1}}}), code, {"q"});
    expectError(construct({{"q", StoredType::F32, {1ll << 62, 4}}}), code, {"overflows"});
    expectError(construct({{"q", StoredType::F32, {1, 1, 1, 1, 1, 1, 1, 1, 1}}}), code, {"q"});
}

TEST(Safetensors, AFullDiskIsReported)
{
    const std::vector<float> large(1'000'000);
    expectError(
        [&] {
            SafetensorsWriter writer("/dev/full", {{"w", StoredType::F32, {1'000'000}}}, {});
            writer.write("w", bytes(large));
        },
        ErrorCode::Resources, {"/dev/full", "space"});
    // What fits into the buffer fails at the end, but does fail.
    expectError([] { SafetensorsWriter("/dev/full", {}, {}).finish(); }, ErrorCode::Resources, {"/dev/full"});
    expectError([] { SafetensorsWriter("/nonexistent/m", {}, {}); }, ErrorCode::Io, {"/nonexistent/m"});
}

TEST(Safetensors, ValuesThatAreNotFiniteAreNamed)
{
    const TemporaryFolder folder;
    for (const std::size_t bad : {0u, 4095u, 4096u, 9999u}) {
        std::vector<float> values(10000, 1.0f);
        values[bad] = bad % 2 ? -std::numeric_limits<float>::infinity() : std::nanf("");
        const auto store = SafetensorsStore::openFile(writeOne(folder, "m", values));
        expectError([&] { floatsOf(*store, "w"); }, ErrorCode::Invalid,
                    {"w: ", bad % 2 ? "-inf" : "nan", "index " + std::to_string(bad)});
    }
}

TEST(Safetensors, ADoubleTooLargeForFloatIsNamedWithItsValue)
{
    const TemporaryFolder folder;
    const auto file =
        folder.write("m", safetensorsFile(R"({"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})",
                                          bytesOf(1.0) + bytesOf(1e300)));
    const auto store = SafetensorsStore::openFile(file);
    expectError([&] { floatsOf(*store, "w"); }, ErrorCode::Invalid, {"1e+300", "index 1"});
}

TEST(Safetensors, FindAndAt)
{
    const TemporaryFolder folder;
    const auto store = SafetensorsStore::openFile(writeOne(folder, "m", {1, 2}));
    EXPECT_EQ(store->find("w"), &store->tensors().front());
    EXPECT_EQ(store->find("v"), nullptr);
    EXPECT_EQ(store->find("x"), nullptr);
    expectError([&] { store->at("model.norm"); }, ErrorCode::Invalid, {"model.norm", (folder / "m").string()});
    std::vector<float> small(1);
    expectError([&] { store->readFloat(store->at("w"), small); }, ErrorCode::Internal, {"w"});
}

TEST(Safetensors, TheFingerprintFollowsContentNotPlace)
{
    const TemporaryFolder folder;
    std::vector<float> values(5000, 1.0f);
    const auto print = [&](std::string_view name) {
        return SafetensorsStore::openFile(writeOne(folder, name, values))->fingerprint();
    };
    const std::string first = print("one");
    EXPECT_EQ(first.size(), 32u);
    EXPECT_EQ(print("two"), first);
    values.back() = 2;
    EXPECT_NE(print("two"), first);
    values.pop_back();
    EXPECT_NE(print("two"), first);
}

TEST(Safetensors, TheFingerprintDoesNotDependOnHowTensorsAreSpread)
{
    const TemporaryFolder folder;
    const auto sharded = SafetensorsStore::openFolder(golden("sharded"));
    std::vector<TensorSpec> specs;
    for (auto tensor = sharded->tensors().rbegin(); tensor != sharded->tensors().rend(); ++tensor)
        specs.push_back({tensor->name, tensor->type, tensor->shape});
    SafetensorsWriter writer(folder / "m", specs, {{"other", "metadata"}});
    for (const TensorSpec& spec : specs)
        writer.write(spec.name, sharded->at(spec.name).bytes);
    writer.finish();
    EXPECT_EQ(SafetensorsStore::openFile(folder / "m")->fingerprint(), sharded->fingerprint());
}

} // namespace eigenquant::test
