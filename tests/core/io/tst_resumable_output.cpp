// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/resumable_output.h"

#include "core/io/atomic_output.h"
#include "core/io/text_file.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

#include <sys/wait.h>
#include <unistd.h>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class Resumable : public testing::Test {
protected:
    /// Takes a step and goes away without a commit, as a stopped run does.
    void leaveUnfinished(bool resume = true)
    {
        ResumableOutput output(place, OutputKind::File, ingredients, {.resume = resume});
        writeFile(output.path(), "half");
        output.finishStep("one");
    }

    const TemporaryFolder folder;
    const fs::path place = folder / "out";
    const fs::path unfinished = folder / "out.partial";
    Ingredients ingredients{{"model", "abc"}, {"text", "def"}};
};

TEST_F(Resumable, WhatIsFinishedWaitsForTheNext)
{
    leaveUnfinished();
    EXPECT_FALSE(fs::exists(place));
    ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
    EXPECT_EQ(output.steps(), Names{"one"});
    EXPECT_TRUE(output.whyAnew().empty());
    EXPECT_EQ(readFile(output.path()), "half");
    writeFile(output.path(), "whole");
    output.finishStep("two");
    output.commit();
    EXPECT_EQ(readFile(place), "whole");
    EXPECT_EQ(folder.entries(), Names{"out"});
}

TEST_F(Resumable, OtherIngredientsBeginAnewAndSayWhy)
{
    leaveUnfinished();
    ingredients[1].second = "other";
    ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
    EXPECT_TRUE(output.steps().empty());
    EXPECT_EQ(output.whyAnew(), "the text changed");
    EXPECT_FALSE(fs::exists(output.path()));
}

TEST_F(Resumable, WithoutAFinishedStepNothingStays)
{
    {
        ResumableOutput output(place, OutputKind::Folder, ingredients, {.resume = true});
        writeFile(output.path() / "file", "half");
    }
    EXPECT_TRUE(folder.entries().empty());
    leaveUnfinished(/*resume=*/false);
    EXPECT_TRUE(folder.entries().empty());
}

TEST_F(Resumable, ALineThatWasCutOffIsNoStep)
{
    leaveUnfinished();
    folder.write("out.partial/journal", "one\ntw");
    {
        ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
        EXPECT_EQ(output.steps(), Names{"one"});
        output.finishStep("two");
    }
    EXPECT_EQ(readFile(unfinished / "journal"), "one\ntwo\n");
}

TEST_F(Resumable, AStateThatCannotBeReadBeginsAnew)
{
    leaveUnfinished();
    for (const char* state : {"", "{", "[1,2]", "{\"ingredients\":7}", "{\"ingredients\":[[\"model\"]]}"}) {
        folder.write("out.partial/state.json", state);
        folder.write("out.partial/journal", "one\n");
        ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
        EXPECT_TRUE(output.steps().empty()) << state;
        output.finishStep("one");
    }
}

TEST_F(Resumable, OneProcessAtATime)
{
    const ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
    expectError([&] { ResumableOutput(place, OutputKind::File, ingredients, {.resume = true}); }, ErrorCode::Usage,
                {"out", "another process"});
    EXPECT_TRUE(fs::exists(output.folder() / "state.json")) << "the one that came too late removed what is not its own";
}

TEST_F(Resumable, WhatSomebodyElsePutThereIsLeftAlone)
{
    folder.write("out.partial/precious", "data");
    expectError([&] { ResumableOutput(place, OutputKind::File, ingredients, {.resume = true}); }, ErrorCode::Usage,
                {"out.partial", "--no-resume"});
    EXPECT_EQ(readFile(unfinished / "precious"), "data");
    ResumableOutput output(place, OutputKind::File, ingredients, {.resume = false});
    writeFile(output.path(), "whole");
    output.commit();
    EXPECT_EQ(readFile(place), "whole");
    EXPECT_EQ(readFile(unfinished / "precious"), "data");
}

TEST_F(Resumable, AKilledProcessLeavesItsSteps)
{
    const pid_t child = fork();
    if (child == 0) {
        ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
        writeFile(output.path(), "half");
        output.finishStep("one");
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const ResumableOutput output(place, OutputKind::File, ingredients, {.resume = true});
    EXPECT_EQ(output.steps(), Names{"one"});
}

} // namespace
} // namespace eigenquant::test
