// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/tiny_workspace.h"

#include <algorithm>

namespace eigenquant::test {

void TinyWorkspace::SetUp()
{
    writeTinyModel(folder / "model");
    folder.write("text.txt", tinyText(12000));
}

nlohmann::json TinyWorkspace::succeed(std::vector<std::string> arguments) const
{
    arguments.push_back("--json");
    const ProgramResult result = runProgram(arguments);
    EXPECT_EQ(result.exitCode, 0) << result.out << result.err;
    const nlohmann::json object = result.json();
    EXPECT_FALSE(object.contains("error")) << result.out;
    return object;
}

nlohmann::json TinyWorkspace::fail(int code, std::vector<std::string> arguments) const
{
    arguments.push_back("--json");
    const ProgramResult result = runProgram(arguments);
    EXPECT_EQ(result.exitCode, code) << result.out << result.err;
    const nlohmann::json error = result.json().value("error", nlohmann::json::object());
    for (const char* key : {"code", "message", "file", "field", "expected", "found"})
        EXPECT_TRUE(error.contains(key)) << key << " in " << result.out;
    EXPECT_EQ(error.value("code", 0), code);
    return error;
}

void TinyWorkspace::analyze() const
{
    succeed({"analyze", at("model"), "--text", at("text.txt"), "--context", "128", "--out", at("stats")});
}

void TinyWorkspace::quantize() const
{
    analyze();
    succeed({"quantize", at("model"), "--stats", at("stats"), "--method", "rosaq", "--bits", "4", "--group-size",
             "32", "--salient", "8", "--out", at("packed")});
}

bool areFinite(const nlohmann::json& array, std::size_t count)
{
    // JSON has no other numbers than finite ones: null is what we print for those.
    return array.is_array() && array.size() == count &&
           std::all_of(array.begin(), array.end(), [](const auto& value) { return value.is_number(); });
}

} // namespace eigenquant::test
