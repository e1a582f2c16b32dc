// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/tokenizer_settings.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace eigenquant {

namespace {

/// A file that need not be there.
void readIfThere(const std::filesystem::path& file, const std::function<void(const JsonObject&)>& read)
{
    if (!std::filesystem::exists(file))
        return;
    const nlohmann::json json = parseStrictJson(readFile(file), file);
    read(JsonObject(json, file));
}

/// The text of a member that is a token: its text, or an object with its "content". Empty if it is not there.
std::string tokenText(const JsonObject& root, const std::string& key)
{
    if (root.has(key) && root.raw()[key].is_object())
        return root.getObject(key).getString("content");
    return root.getStringOr(key, "");
}

class SettingsReader {
public:
    explicit SettingsReader(const Vocabulary& vocabulary) : m_vocabulary(vocabulary) {}

    /// {"32000": {"content": …, flags}, …}
    void readDecoder(const JsonObject& tokens)
    {
        for (const auto& [number, value] : tokens.raw().items()) {
            const JsonObject entry = tokens.getObject(number);
            const bool isNumber =
                !number.empty() && number.size() < 9 &&
                std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
            add({.id = isNumber ? std::stoi(number) : -1,
                 .content = entry.getString("content"),
                 .special = entry.getBoolOr("special", false),
                 .singleWord = entry.getBoolOr("single_word", false),
                 .leftStrip = entry.getBoolOr("lstrip", false),
                 .rightStrip = entry.getBoolOr("rstrip", false),
                 .normalized = false},
                tokens, number);
        }
    }

    /// {"<|user|>": 32000, …}
    void readIds(const JsonObject& tokens)
    {
        for (const auto& [content, value] : tokens.raw().items())
            add({.id = static_cast<std::int32_t>(tokens.getInteger(content, 0, Vocabulary::kMaxId)),
                 .content = content,
                 .normalized = false},
                tokens, content);
    }

    /// {"bos_token": "<s>", "additional_special_tokens": ["<|user|>", …], …}; ids come from elsewhere, if at all.
    void readNames(const JsonObject& names)
    {
        for (const auto& [key, value] : names.raw().items()) {
            if (!value.is_array()) {
                addKnown(tokenText(names, key), names, key);
                continue;
            }
            for (const auto& element : value)
                addKnown(element.is_object() ? JsonObject(element, names.source(), key + ".").getString("content")
                         : element.is_string() ? element.get<std::string>() : std::string(), names, key);
        }
    }

    /// The id of the token that `key` names, where classes have one by habit.
    std::int32_t edge(const JsonObject& config, const std::string& key, const std::string& usual) const
    {
        const std::string named = tokenText(config, key), text = named.empty() ? usual : named;
        const std::int32_t id = idOf(text);
        if (id < 0)
            throw Error::invalid("a token that begins or ends texts is not in the vocabulary")
                .file(config.source().string()).field(config.fieldName(key)).found(printable(text))
                .expected("a piece of tokenizer.model, or an added token");
        return id;
    }

    std::vector<AddedToken> take() { return std::move(m_added); }

private:
    std::int32_t idOf(const std::string& content) const
    {
        const auto found = m_ids.find(content);
        return found != m_ids.end() ? found->second : m_vocabulary.find(content);
    }

    void add(AddedToken token, const JsonObject& source, const std::string& key)
    {
        const std::int32_t known = idOf(token.content);
        const bool isAdded = m_taken.contains(token.id);
        const bool isTaken = known != token.id && (isAdded || m_vocabulary.has(token.id));
        const bool isOther = known >= 0 && known != token.id;
        if (token.id < 0 || token.id > Vocabulary::kMaxId || token.content.empty() || isOther || isTaken)
            throw Error::invalid("an added token has no id, or one that another token has")
                .file(source.source().string()).field(source.fieldName(printable(key)))
                .found(std::to_string(token.id) + " for " + printable(token.content));
        if (isAdded)
            return;
        m_taken.insert(token.id);
        m_ids.emplace(token.content, token.id);
        m_added.push_back(std::move(token));
    }

    void addKnown(const std::string& content, const JsonObject& source, const std::string& key)
    {
        if (const std::int32_t id = content.empty() ? -1 : idOf(content); id >= 0)
            add({.id = id, .content = content, .special = true, .normalized = false}, source, key);
    }

    const Vocabulary& m_vocabulary;
    std::vector<AddedToken> m_added;
    std::unordered_map<std::string, std::int32_t> m_ids; ///< of what was added
    std::unordered_set<std::int32_t> m_taken;            ///< the same ids
};

} // namespace

TokenizerSettings readTokenizerSettings(const std::filesystem::path& folder, const Vocabulary& vocabulary)
{
    TokenizerSettings settings;
    SettingsReader reader(vocabulary);
    const std::filesystem::path config = folder / "tokenizer_config.json";
    readIfThere(config, [&](const JsonObject& root) {
        if (root.has("added_tokens_decoder"))
            reader.readDecoder(root.getObject("added_tokens_decoder"));
    });
    readIfThere(folder / "added_tokens.json", [&](const JsonObject& root) { reader.readIds(root); });
    readIfThere(folder / "special_tokens_map.json", [&](const JsonObject& root) { reader.readNames(root); });
    readIfThere(config, [&](const JsonObject& root) {
        // Classes that add one where the file does not say.
        const std::string type = root.getStringOr("tokenizer_class", "");
        const bool isLlama = type.starts_with("Llama") || type.starts_with("CodeLlama") || type.starts_with("Gemma");
        if (root.getBoolOr("add_bos_token", isLlama))
            settings.edges.before.push_back(reader.edge(root, "bos_token", "<s>"));
        if (root.getBoolOr("add_eos_token", type.starts_with("T5")))
            settings.edges.after.push_back(reader.edge(root, "eos_token", "</s>"));
        settings.isPrefixedOnce = !root.getBoolOr("legacy", true);
    });
    settings.added = reader.take();
    return settings;
}

} // namespace eigenquant
