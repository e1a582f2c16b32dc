// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_output.h"
#include "core/io/replace_path.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

namespace fs = std::filesystem;
using Kind = AtomicOutput::Kind;
using Names = std::vector<std::string>;

void expectUsage(std::initializer_list<std::string_view> words, const fs::path& place, Kind kind, bool overwrite,
                 const std::vector<fs::path>& inputs = {})
{
    expectError([&] { AtomicOutput(place, kind, overwrite, inputs); }, ErrorCode::Usage, words);
}

} // namespace

TEST(AtomicOutput, AFileAppearsWholeAtCommit)
{
    const TemporaryFolder folder;
    {
        AtomicOutput output(folder / "out", Kind::File, false);
        EXPECT_EQ(output.path().parent_path(), fs::canonical(folder.path()));
        EXPECT_TRUE(output.path().filename().string().starts_with(".out.partial-"));
        writeFile(output.path(), "content");
        EXPECT_FALSE(fs::exists(folder / "out"));
        output.commit();
    }
    EXPECT_EQ(folder.entries(), Names{"out"});
    EXPECT_EQ(readFile(folder / "out"), "content");
}

TEST(AtomicOutput, StoppedInTheMiddleItLeavesNothing)
{
    const TemporaryFolder folder;
    folder.write("kept", "old");
    folder.write("kept.d/file", "old");
    try {
        AtomicOutput file(folder / "kept", Kind::File, true);
        AtomicOutput directory(folder / "kept.d", Kind::Folder, true);
        AtomicOutput fresh(folder / "fresh", Kind::Folder, false);
        writeFile(file.path(), "half");
        fs::create_directory(directory.path() / "sub");
        writeFile(directory.path() / "sub/half", "half");
        throw Error::cancelled();
    } catch (const Error&) {
    }
    EXPECT_EQ(folder.entries(), (Names{"kept", "kept.d"}));
    EXPECT_EQ(readFile(folder / "kept"), "old");
    EXPECT_EQ(readFile(folder / "kept.d/file"), "old");
}

TEST(AtomicOutput, AFolderReplacesAnotherAsAWhole)
{
    const TemporaryFolder folder;
    folder.write("out/old", "old");
    {
        AtomicOutput output(folder / "out/", Kind::Folder, true);
        writeFile(output.path() / "new", "new");
        EXPECT_TRUE(fs::exists(folder / "out/old"));
        output.commit();
    }
    EXPECT_EQ(folder.entries(), Names{"out"});
    EXPECT_FALSE(fs::exists(folder / "out/old"));
    EXPECT_EQ(readFile(folder / "out/new"), "new");
}

TEST(AtomicOutput, TwoAtOnceDoNotDisturbEachOther)
{
    const TemporaryFolder folder;
    AtomicOutput first(folder / "out", Kind::File, false), second(folder / "out", Kind::File, false);
    writeFile(first.path(), "first");
    writeFile(second.path(), "second");
    first.commit();
    expectError([&] { second.commit(); }, ErrorCode::Usage, {"in the meantime", "--force"});
    EXPECT_EQ(readFile(folder / "out"), "first");
}

TEST(AtomicOutput, ATakenPlaceNeedsForce)
{
    const TemporaryFolder folder;
    folder.write("file", "old");
    folder.write("folder/x", "old");
    fs::create_symlink("nowhere", folder / "dangling");
    expectUsage({"already exists", "--force"}, folder / "file", Kind::File, false);
    expectUsage({"already exists"}, folder / "folder", Kind::Folder, false);
    expectUsage({"already exists"}, folder / "dangling", Kind::File, false);
    writeFileAtomically(folder / "file", "new", true);
    EXPECT_EQ(readFile(folder / "file"), "new");
    expectError([&] { writeFileAtomically(folder / "file", "newer", false); }, ErrorCode::Usage, {"--force"});
}

TEST(AtomicOutput, ForceDoesNotReplaceAnotherKind)
{
    const TemporaryFolder folder;
    folder.write("file", "old");
    folder.write("folder/x", "old");
    expectUsage({"another kind", "a folder"}, folder / "file", Kind::Folder, true);
    expectUsage({"another kind", "a file"}, folder / "folder", Kind::File, true);
    expectUsage({"another kind"}, "/dev/null", Kind::File, true);
    expectUsage({"working directory"}, fs::current_path(), Kind::Folder, true);
    expectUsage({"cannot be written"}, folder / "folder/..", Kind::Folder, true);
    expectUsage({"cannot be written"}, "", Kind::File, true);
    expectUsage({"cannot be written"}, "/", Kind::Folder, true);
}

TEST(AtomicOutput, InputsAreNeverOverwritten)
{
    const TemporaryFolder folder;
    const fs::path model = folder / "model";
    folder.write("model/w.safetensors", "weights");
    folder.write("text", "text");
    fs::create_symlink("model", folder / "link");
    fs::create_hard_link(folder / "text", folder / "hard");
    expectUsage({"is one of the inputs"}, folder / "text", Kind::File, true, {folder / "other", folder / "text"});
    expectUsage({"is one of the inputs"}, folder / "hard", Kind::File, true, {folder / "text"});
    expectUsage({"is one of the inputs"}, model, Kind::Folder, true, {folder / "link"});
    expectUsage({"is one of the inputs"}, folder / "link", Kind::Folder, true, {model});
    expectUsage({"inside one of the inputs"}, model / "out", Kind::Folder, false, {model});
    expectUsage({"inside one of the inputs"}, folder / "link/out", Kind::File, false, {model});
    expectUsage({"inside one of the inputs"}, model / "w.safetensors", Kind::File, true, {model});
    expectUsage({"contains one of the inputs"}, model, Kind::Folder, true, {model / "w.safetensors"});
    EXPECT_EQ(readFile(folder / "text"), "text");
    EXPECT_EQ(folder.entries(), (Names{"hard", "link", "model", "text"}));
    EXPECT_NO_THROW(AtomicOutput(folder / "model.out", Kind::Folder, false, {model, folder / "text"}));
}

TEST(AtomicOutput, TheFolderOfTheOutputMustBeThere)
{
    const TemporaryFolder folder;
    folder.write("file", "");
    const auto open = [&](const char* place) {
        return [&, place] { AtomicOutput(folder / place, Kind::File, false); };
    };
    expectError(open("none/out"), ErrorCode::Io, {"none", "create it"});
    expectError(open("file/out"), ErrorCode::Io, {"file"});
}

TEST(AtomicOutput, AFolderThatCannotBeWrittenTo)
{
    // Not even root may create files here.
    expectError([] { AtomicOutput("/proc/eigenquant-test", Kind::File, false); }, ErrorCode::Io, {"/proc"});
}

TEST(AtomicOutput, TheDiskMustHaveRoom)
{
    const TemporaryFolder folder;
    const std::uint64_t exabyte = 1ull << 60;
    expectError([&] { AtomicOutput(folder / "out", Kind::File, false, {}, exabyte); }, ErrorCode::Resources,
                {"needed 1152921504606846976 bytes, free "});
    EXPECT_TRUE(folder.entries().empty());
}

TEST(AtomicOutput, AFullDiskIsReported)
{
    expectError([] { writeFile("/dev/full", "x"); }, ErrorCode::Resources, {"/dev/full", "No space left"});
    expectError([] { writeFile("/dev/full", std::string(5'000'000, 'x')); }, ErrorCode::Resources, {"/dev/full"});
}

TEST(AtomicOutput, ALongNameIsFine)
{
    const TemporaryFolder folder;
    const std::string longest(255, 'n');
    writeFileAtomically(folder / longest, "x", false);
    EXPECT_EQ(folder.entries(), Names{longest});
}

TEST(ReplacePath, WithoutAnExchangeTheOldOneIsMovedAside)
{
    const TemporaryFolder folder;
    folder.write("new/n", "new");
    folder.write("old/o", "old");
    replaceByMovingAside(folder / "new", folder / "old", folder / "aside");
    EXPECT_EQ(folder.entries(), (Names{"aside", "old"}));
    EXPECT_TRUE(fs::exists(folder / "old/n"));
    EXPECT_TRUE(fs::exists(folder / "aside/o"));
}

TEST(ReplacePath, IfTheNewOneIsGoneTheOldOneComesBack)
{
    const TemporaryFolder folder;
    folder.write("old/o", "old");
    expectError([&] { replaceByMovingAside(folder / "gone", folder / "old", folder / "aside"); }, ErrorCode::Io,
                {"rename"});
    EXPECT_EQ(folder.entries(), Names{"old"});
}

} // namespace eigenquant::test
