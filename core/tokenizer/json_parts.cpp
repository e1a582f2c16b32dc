// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/json_parts.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/utf8.h"

namespace eigenquant {

void refusePart(const JsonObject& part, std::string_view kind, const std::string& type, std::string_view known)
{
    throw Error::unsupported("this tokenizer has a " + std::string(kind) + " that is not known here")
        .file(part.source().string()).field(part.fieldName("type")).found(printable(type)).expected(std::string(known));
}

std::vector<JsonObject> readObjects(const JsonObject& part, std::string_view key)
{
    const auto& array = part.getArray(key);
    std::vector<JsonObject> objects;
    for (std::size_t i = 0; i < array.size(); ++i)
        objects.emplace_back(array[i], part.source(), part.fieldName(key) + "[" + std::to_string(i) + "].");
    return objects;
}

Regex readPattern(const JsonObject& part)
{
    const JsonObject pattern = part.getObject("pattern");
    try {
        return pattern.has("Regex") ? Regex::fromPattern(pattern.getString("Regex"))
                                    : Regex::fromLiteral(pattern.getString("String"));
    } catch (Error& error) {
        if (error.field().empty())
            error.file(part.source().string()).field(part.fieldName("pattern"));
        throw;
    }
}

std::string readCharacter(const JsonObject& part, std::string_view key)
{
    std::string text = part.getString(key);
    if (text.empty() || text.size() != utf8Length(static_cast<unsigned char>(text[0])))
        throw Error::invalid("this is not one character")
            .file(part.source().string()).field(part.fieldName(key)).found(printable(text));
    return text;
}

} // namespace eigenquant
