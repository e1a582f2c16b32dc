// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

namespace eigenquant::testing {

/// A folder that lives as long as this object.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "eigenquant-tokenizer-XXXXXX").string();
        if (!mkdtemp(name.data()))
            throw std::runtime_error("no temporary folder");
        m_path = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(m_path); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::filesystem::path write(const std::string& name, const std::string& content) const
    {
        std::ofstream(m_path / name, std::ios::binary) << content;
        return m_path / name;
    }

private:
    std::filesystem::path m_path;
};

inline std::shared_ptr<const Tokenizer> loadText(const std::string& content)
{
    const TemporaryFolder folder;
    return loadTokenizerJson(folder.write("tokenizer.json", content));
}

inline std::shared_ptr<const Tokenizer> load(const nlohmann::json& tokenizer)
{
    return loadText(tokenizer.dump());
}

/// a, b, c with the merges a+b and ab+c, and a control token <s>.
inline nlohmann::json tinyTokenizer()
{
    return nlohmann::json::parse(R"({
        "added_tokens": [{"id": 5, "content": "<s>", "special": true, "normalized": false}],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, "merges": ["a b", "ab c"]}})");
}

/// The Error that `action` throws.
inline Error errorOf(const std::function<void()>& action)
{
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no error was thrown";
    return Error::internal("no error was thrown");
}

inline nlohmann::json readGolden(const std::string& name)
{
    std::ifstream file(EIGENQUANT_SOURCE_DIR "/tests/golden/" + name);
    return nlohmann::json::parse(file);
}

/// The golden file of make_tokenizer_golden.py.
inline const nlohmann::json& golden()
{
    static const nlohmann::json kGolden = readGolden("tokenizer.json");
    return kGolden;
}

/// The whole tokenizer.json of a variant of the golden file.
inline nlohmann::json assemble(const nlohmann::json& variant)
{
    nlohmann::json parts = variant.at("parts");
    nlohmann::json whole = {{"decoder", {{"type", "ByteLevel"}}}, {"model", golden().at("model")}};
    if (parts.contains("model"))
        whole["model"].update(parts["model"]);
    nlohmann::json added = nlohmann::json::array();
    for (const char* const content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"})
        if (const auto& vocabulary = whole["model"]["vocab"]; vocabulary.contains(content))
            added.push_back(
                {{"id", vocabulary[content]}, {"content", content}, {"special", true}, {"normalized", false}});
    for (const auto& token : parts.value("added_tokens", nlohmann::json::array()))
        added.push_back(token);
    parts.erase("model");
    whole.update(parts);
    whole["added_tokens"] = added;
    return whole;
}

/// The golden file of make_tokenizer_kinds.py.
inline const nlohmann::json& goldenKinds()
{
    static const nlohmann::json kGolden = readGolden("tokenizer_kinds.json");
    return kGolden;
}

/// The whole tokenizer.json of an entry of that file.
inline nlohmann::json assembleKind(const nlohmann::json& entry)
{
    nlohmann::json whole = entry.at("tokenizer");
    whole["model"].update(goldenKinds().at("models").at(entry.at("model").get<std::size_t>()));
    return whole;
}

inline nlohmann::json kind(const std::string& name)
{
    for (const auto& entry : goldenKinds().at("tokenizers"))
        if (entry.at("name") == name)
            return assembleKind(entry);
    throw std::runtime_error("the golden file has no tokenizer " + name);
}

inline const nlohmann::json& variant(const std::string& name)
{
    for (const auto& entry : golden().at("variants"))
        if (entry.at("name") == name)
            return entry;
    throw std::runtime_error("the golden file has no variant " + name);
}

} // namespace eigenquant::testing
