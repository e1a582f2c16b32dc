// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include "core/io/text_file.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace eigenquant::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Outputs : public TinyWorkspace {
protected:
    /// The verb refuses to touch what lies at `place`, names --force, and takes it with --force.
    void expectNeedsForce(const std::vector<std::string>& arguments, const std::string& place)
    {
        SCOPED_TRACE(arguments.front());
        const fs::path precious = fs::is_directory(folder / place) ? folder / place / "precious" : folder / place;
        folder.write(precious.string(), "precious");
        const auto before = folder.entries();
        const auto error = fail(2, arguments);
        EXPECT_THAT(error.value("message", ""), HasSubstr("--force"));
        EXPECT_EQ(readFile(precious), "precious");
        EXPECT_EQ(folder.entries(), before);
        auto forced = arguments;
        forced.push_back("--force");
        succeed(forced);
        EXPECT_TRUE(!fs::exists(precious) || readFile(precious) != "precious");
        EXPECT_EQ(folder.entries(), before);
    }
};

TEST_F(Outputs, NothingIsOverwrittenWithoutForce)
{
    expectNeedsForce({"logits", at("model"), "--ids", "1,2", "--out", at("logits")}, "logits");
    expectNeedsForce({"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--out", at("stats")},
                     "stats");
    expectNeedsForce({"plan", at("model"), "--stats", at("stats"), "--salient", "8", "--out", at("plan")}, "plan");
    fs::create_directory(folder / "packed");
    expectNeedsForce(
        {"quantize", at("model"), "--stats", at("stats"), "--plan", at("plan"), "--out", at("packed")}, "packed");
    fs::create_directory(folder / "hf");
    expectNeedsForce({"export", at("packed"), "--out", at("hf")}, "hf");
}

TEST_F(Outputs, AnInputIsNeverTheOutputEvenWithForce)
{
    quantize();
    const auto before = folder.entries();
    fail(2, {"logits", at("model"), "--ids", "1", "--out", at("model/model.safetensors"), "--force"});
    fail(2, {"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--out", at("text.txt"),
             "--force"});
    fail(2, {"plan", at("model"), "--stats", at("stats"), "--salient", "8", "--out", at("stats"), "--force"});
    fail(2, {"quantize", at("model"), "--stats", at("stats"), "--method", "rtn", "--out", at("model"), "--force"});
    fail(2, {"quantize", at("model"), "--stats", at("stats"), "--method", "rtn", "--out", folder.path().string(),
             "--force"});
    fail(2, {"export", at("packed"), "--out", at("packed"), "--force"});
    fs::create_symlink(folder / "packed", folder / "alias");
    fail(2, {"export", at("packed"), "--out", at("alias"), "--force"});
    fs::remove(folder / "alias");
    EXPECT_EQ(folder.entries(), before);
    succeed({"perplexity", at("packed"), "--text", at("text.txt"), "--context", "128"});
    succeed({"spectrum", at("stats"), "--layer", "0", "--site", "mlp_in"});
}

TEST_F(Outputs, AFolderThatIsNotThereIsAnIoError)
{
    fail(6, {"logits", at("model"), "--ids", "1", "--out", at("nowhere/logits")});
    fail(6, {"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--out", at("nowhere/stats")});
    EXPECT_FALSE(fs::exists(folder / "nowhere"));
}

TEST_F(Outputs, ProgressIsPlainLinesOffATerminalAndNothingWithQuiet)
{
    const std::vector<std::string> verb{"perplexity", at("model"), "--text", at("text.txt"), "--context", "128"};
    const ProgramResult loud = runProgram(verb);
    EXPECT_THAT(loud.err, HasSubstr("windows"));
    EXPECT_EQ(loud.err.find_first_of("\r\x1b"), std::string::npos);
    auto quiet = verb;
    quiet.push_back("--quiet");
    EXPECT_THAT(runProgram(quiet).err, testing::IsEmpty());
}

TEST_F(Outputs, AResultThatCannotBePrintedIsAnIoError)
{
    EXPECT_EQ(runProgram({"info", at("model"), "--json"}, {.standardOutput = "/dev/full"}).exitCode, 6);
}

} // namespace
} // namespace eigenquant::test
