// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndex = "model.safetensors.index.json";

/// A file of one F32 scalar.
std::string scalarFile(const std::string& name)
{
    return safetensorsFile("{\"" + name + R"(":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", bytesOf(1.0f));
}

std::string index(std::string_view map)
{
    return R"({"metadata":{"total_size":8},"weight_map":{)" + std::string(map) + "}}";
}

void expectFolderError(const TemporaryFolder& folder, ErrorCode code,
                       std::initializer_list<std::string_view> words)
{
    expectError([&] { SafetensorsStore::openFolder(folder.path()); }, code, words);
}

} // namespace

TEST(SafetensorsFolder, WithoutAnIndexAllFilesAreTaken)
{
    const TemporaryFolder folder;
    folder.write("one.safetensors", scalarFile("a"));
    folder.write("two.safetensors", scalarFile("b"));
    folder.write("README.md", "text");
    folder.write("._one.safetensors", "what macOS leaves on foreign disks");
    const auto store = SafetensorsStore::openFolder(folder.path());
    EXPECT_EQ(store->tensors().size(), 2u);
    EXPECT_EQ(store->files()[store->at("b").fileIndex], folder / "two.safetensors");
}

TEST(SafetensorsFolder, ANameInTwoFilesIsRefused)
{
    const TemporaryFolder folder;
    folder.write("one.safetensors", scalarFile("a"));
    folder.write("two.safetensors", scalarFile("a"));
    expectFolderError(folder, ErrorCode::Invalid, {"a: ", "one.safetensors", "two.safetensors"});
}

TEST(SafetensorsFolder, MissingShardsAreNamed)
{
    const TemporaryFolder folder;
    folder.write(kIndex, index(R"("a":"1.safetensors","b":"2.safetensors","c":"3.safetensors")"));
    folder.write("1.safetensors", scalarFile("a"));
    expectFolderError(folder, ErrorCode::Invalid, {"missing shard", "2.safetensors", "3.safetensors"});
}

TEST(SafetensorsFolder, AFileThatTheIndexDoesNotNameIsLeftAlone)
{
    const TemporaryFolder folder;
    folder.write(kIndex, index(R"("a":"1.safetensors")"));
    folder.write("1.safetensors", scalarFile("a"));
    folder.write("consolidated.safetensors", scalarFile("a"));
    EXPECT_EQ(SafetensorsStore::openFolder(folder.path())->tensors().size(), 1u);
}

TEST(SafetensorsFolder, IndexAndShardsMustAgreeBothWays)
{
    const TemporaryFolder folder;
    folder.write("1.safetensors", scalarFile("a"));
    folder.write("2.safetensors", scalarFile("b"));
    folder.write(kIndex, index(R"("a":"1.safetensors","b":"2.safetensors","c":"2.safetensors")"));
    expectFolderError(folder, ErrorCode::Invalid, {"c: ", "not in the shard", "2.safetensors"});
    folder.write(kIndex, index(R"("b":"2.safetensors","x":"1.safetensors")"));
    expectFolderError(folder, ErrorCode::Invalid, {"a: ", "not in the index", "1.safetensors"});
    folder.write(kIndex, index(R"("a":"2.safetensors","b":"1.safetensors")"));
    expectFolderError(folder, ErrorCode::Invalid, {"a: ", "another shard"});
}

TEST(SafetensorsFolder, ShardNamesNeverLeadOutOfTheFolder)
{
    const TemporaryFolder folder;
    folder.write("outside.safetensors", scalarFile("a"));
    fs::create_directory(folder / "model");
    for (const char* name : {"../outside.safetensors", "/outside.safetensors", "sub/x.safetensors", "..", "", ".",
                             "x.bin", ".safetensors", "a\\\\b.safetensors", "a\\u0000.safetensors"}) {
        SCOPED_TRACE(name);
        folder.write("model/model.safetensors.index.json", index("\"a\":\"" + std::string(name) + "\""));
        expectError([&] { SafetensorsStore::openFolder(folder / "model"); }, ErrorCode::Invalid,
                    {"weight_map.a", "name of a shard"});
    }
    folder.write("model/model.safetensors.index.json", index("\"a\":7"));
    expectError([&] { SafetensorsStore::openFolder(folder / "model"); }, ErrorCode::Invalid, {"weight_map.a"});
}

TEST(SafetensorsFolder, BrokenIndexes)
{
    const TemporaryFolder folder;
    folder.write("1.safetensors", scalarFile("a"));
    folder.write(kIndex, "{}");
    expectFolderError(folder, ErrorCode::Invalid, {"weight_map"});
    folder.write(kIndex, "[]");
    expectFolderError(folder, ErrorCode::Invalid, {"object"});
    folder.write(kIndex, R"({"weight_map":{"a":"1.safetensors","a":"1.safetensors"}})");
    expectFolderError(folder, ErrorCode::Invalid, {"twice"});
    fs::remove(folder / kIndex);
    fs::create_symlink("nowhere", folder / kIndex);
    expectFolderError(folder, ErrorCode::Io, {std::string(kIndex)});
}

TEST(SafetensorsFolder, LinksAreFollowedAsHuggingFaceCachesNeed)
{
    const TemporaryFolder folder;
    folder.write("blobs/0a1b", scalarFile("a"));
    folder.write("blobs/2c3d", index(R"("a":"model-00001-of-00001.safetensors")"));
    fs::create_directories(folder / "snapshots/rev");
    fs::create_symlink("../../blobs/0a1b", folder / "snapshots/rev/model-00001-of-00001.safetensors");
    fs::create_symlink("../../blobs/2c3d", folder / "snapshots/rev" / kIndex);
    EXPECT_EQ(floatsOf(*SafetensorsStore::openFolder(folder / "snapshots/rev"), "a"), std::vector<float>{1});
}

TEST(SafetensorsFolder, WithoutWeights)
{
    const TemporaryFolder folder;
    expectFolderError(folder, ErrorCode::Invalid, {"no .safetensors file"});
    folder.write("pytorch_model.bin", "PK");
    expectFolderError(folder, ErrorCode::Unsupported, {"pickle", "pytorch_model.bin"});
    expectError([&] { SafetensorsStore::openFolder(folder / "none"); }, ErrorCode::Io, {"no such folder"});
}

} // namespace eigenquant::test
