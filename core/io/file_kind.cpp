// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/file_kind.h"

#include "core/base/error.h"
#include "core/io/printable.h"

#include <algorithm>
#include <string_view>

namespace eigenquant {

namespace {

/// Protocols 2 to 5 begin with the opcode PROTO and their number.
bool isBinaryPickle(std::string_view content)
{
    return content.size() > 2 && content[0] == '\x80' && content[1] >= 2 && content[1] <= 5;
}

/// Legacy torch checkpoints are tar archives, which carry their magic in the first header block.
bool isTar(std::string_view content)
{
    return content.size() >= 262 && content.substr(257, 5) == "ustar";
}

Error foreignFile(std::string_view content)
{
    if (content.starts_with("PK\x03\x04") || content.starts_with("PK\x05\x06"))
        return Error::unsupported("this is a zip archive, as PyTorch's pickle checkpoints and Python wheels are; "
                                  "pickles can run code and are never opened")
            .hint("convert the model to safetensors or GGUF, or unpack the archive");
    if (isBinaryPickle(content) || isTar(content))
        return Error::unsupported("this is a Python pickle; pickles can run code and are never opened")
            .hint("convert the model to safetensors or GGUF");
    for (const std::string_view magic : {"lmgg", "fmgg", "tjgg", "algg"})
        if (content.starts_with(magic))
            return Error::unsupported("this is a GGML file from before GGUF").hint("convert the model to GGUF");
    if (content.starts_with("GGUF"))
        return Error::invalid("this is a GGUF file under another name").hint("rename it to .gguf");
    if (content.starts_with("version https://git-lfs"))
        return Error::invalid("this is a Git LFS pointer, not the file itself").hint("run git lfs pull");
    if (content.empty())
        return Error::invalid("the file is empty").hint("download it again");
    return Error::invalid("the file is of another format or corrupt")
        .found("the first bytes \"" + printable(content.substr(0, 8)) + "\"");
}

} // namespace

void refuseForeignFile(std::span<const std::byte> content, const std::filesystem::path& file,
                       const std::string& expected)
{
    const std::size_t looked = std::min<std::size_t>(content.size(), 512);
    Error error = foreignFile({reinterpret_cast<const char*>(content.data()), looked});
    throw error.file(file.string()).expected(expected);
}

} // namespace eigenquant
