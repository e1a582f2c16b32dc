// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_draft.h"

#include "core/io/temporary_file.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

#include <unistd.h>

namespace eigenquant::test {
namespace {

const std::vector<TensorSpec> kSpecs{
    {"a", StoredType::F32, {2}}, {"b", StoredType::U8, {3}}, {"c", StoredType::U8, {0}}};
const std::map<std::string, std::string> kMetadata{{"format", "test"}};
const std::string kA("12345678"), kB("xyz");

TEST(SafetensorsDraft, AnyOrderGivesTheBytesOfTheWriter)
{
    const TemporaryFolder folder;
    SafetensorsWriter writer(folder / "writer", kSpecs, kMetadata);
    writer.write("a", asBytes(kA));
    writer.write("b", asBytes(kB));
    writer.finish();
    SafetensorsDraft draft(folder / "draft", kSpecs, kMetadata);
    EXPECT_FALSE(draft.wentOn());
    draft.write("b", asBytes(kB));
    draft.write("a", asBytes(kA.substr(0, 4)));
    draft.write("a", asBytes(kA.substr(4)));
    std::string back(8, ' ');
    draft.read("a", std::as_writable_bytes(std::span(back)));
    EXPECT_EQ(back, kA);
    draft.finish();
    EXPECT_EQ(readFile(folder / "draft"), readFile(folder / "writer"));
}

TEST(SafetensorsDraft, GoesOnWithWhatIsTrusted)
{
    const TemporaryFolder folder;
    {
        SafetensorsDraft draft(folder / "draft", kSpecs, kMetadata);
        draft.write("a", asBytes(kA));
    }
    SafetensorsDraft draft(folder / "draft", kSpecs, kMetadata);
    EXPECT_TRUE(draft.wentOn());
    draft.trust("a");
    expectError([&] { draft.finish(); }, ErrorCode::Internal, {"too few", "b"});
    draft.write("b", asBytes(kB));
    draft.finish();
    EXPECT_EQ(floatsOf(*SafetensorsStore::openFile(folder / "draft"), "a").size(), 2u);
    EXPECT_TRUE(readFile(folder / "draft").ends_with(kA + kB));
}

TEST(SafetensorsDraft, AnotherHeaderOrLengthBeginsAnew)
{
    const TemporaryFolder folder;
    SafetensorsDraft(folder / "draft", kSpecs, kMetadata).write("a", asBytes(kA));
    EXPECT_FALSE(SafetensorsDraft(folder / "draft", kSpecs, {{"format", "tesT"}}).wentOn());
    std::filesystem::resize_file(folder / "draft", 20);
    EXPECT_FALSE(SafetensorsDraft(folder / "draft", kSpecs, kMetadata).wentOn());
}

TEST(SafetensorsDraft, RefusesWhatDoesNotFit)
{
    const TemporaryFolder folder;
    SafetensorsDraft draft(folder / "draft", kSpecs, kMetadata);
    expectError([&] { draft.write("d", asBytes(kA)); }, ErrorCode::Internal, {"d"});
    expectError([&] { draft.write("b", asBytes(kA)); }, ErrorCode::Internal, {"too many"});
    std::string back(3, ' ');
    expectError([&] { draft.read("b", std::as_writable_bytes(std::span(back))); }, ErrorCode::Internal, {"not whole"});
}

TEST(TemporaryFile, HasNoName)
{
    const TemporaryFolder folder;
    const int descriptor = openTemporaryFile(folder.path());
    ASSERT_GE(descriptor, 0);
    EXPECT_EQ(::write(descriptor, "abc", 3), 3);
    EXPECT_TRUE(folder.entries().empty());
    ::close(descriptor);
    expectError([&] { openTemporaryFile(folder / "nowhere"); }, ErrorCode::Io, {"nowhere"});
}

} // namespace
} // namespace eigenquant::test
