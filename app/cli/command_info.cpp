// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_format.h"
#include "core/session/supported_models.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct InfoOptions {
    std::string model;
    bool tensors = false;
    bool supported = false;
};

Json toJson(const TensorInfo& tensor)
{
    return {{"name", tensor.name},
            {"dtype", tensor.dtype},
            {"shape", tensor.shape},
            {"bytes", tensor.bytes},
            {"file", tensor.file}};
}

Json toJson(const ModelInfo& info, bool withTensors)
{
    Json object{{"path", info.path},
                {"name", info.name},
                {"architecture", info.architecture},
                {"source_format", info.sourceFormat},
                {"layers", info.layers},
                {"hidden_size", info.hiddenSize},
                {"intermediate_size", info.intermediateSize},
                {"heads", info.heads},
                {"kv_heads", info.kvHeads},
                {"head_dim", info.headDim},
                {"vocab_size", info.vocabSize},
                {"context_length", info.contextLength},
                {"tied_embeddings", info.tiedEmbeddings},
                {"has_tokenizer", info.hasTokenizer},
                {"parameters", info.parameters},
                {"fingerprint", info.fingerprint}};
    if (withTensors) {
        object["tensors"] = Json::array();
        for (const TensorInfo& tensor : info.tensors)
            object["tensors"].push_back(toJson(tensor));
    }
    return object;
}

std::string summaryText(const ModelInfo& info)
{
    return Table({{}, {}})
        .add({"name", info.name})
        .add({"path", info.path})
        .add({"architecture", info.architecture})
        .add({"source format", info.sourceFormat})
        .add({"parameters", grouped(info.parameters)})
        .add({"layers", grouped(info.layers)})
        .add({"hidden size", grouped(info.hiddenSize)})
        .add({"intermediate size", grouped(info.intermediateSize)})
        .add({"heads", grouped(info.heads) + " (" + grouped(info.kvHeads) + " for keys and values)"})
        .add({"head dimension", grouped(info.headDim)})
        .add({"vocabulary", grouped(info.vocabSize) + " tokens"})
        .add({"context length", grouped(info.contextLength) + " tokens"})
        .add({"tied embeddings", info.tiedEmbeddings ? "yes" : "no"})
        .add({"tokenizer", info.hasTokenizer ? "yes" : "no"})
        .add({"fingerprint", info.fingerprint})
        .text();
}

std::string tensorText(const ModelInfo& info)
{
    Table table({{"tensor"}, {"type"}, {"shape"}, {"size", Table::Align::Right}, {"file"}});
    for (const TensorInfo& tensor : info.tensors)
        table.add({tensor.name, tensor.dtype, shapeText(tensor.shape), byteSize(tensor.bytes), tensor.file});
    return "\n" + table.text();
}

int run(const InfoOptions& options, Console& console)
{
    if (options.supported) {
        console.print(Json{{"architectures", supportedModels()}}, supportedModels());
        return 0;
    }
    const auto session = ModelSession::open(options.model, console.options().compute);
    const ModelInfo& info = session->info();
    console.print(toJson(info, options.tensors), summaryText(info) + (options.tensors ? tensorText(info) : ""));
    return 0;
}

} // namespace

void addInfo(CLI::App& app, Action& action)
{
    auto options = std::make_shared<InfoOptions>();
    CLI::App* verb = addVerb(app, "info", "what a model is", "eigenquant info demo --tensors");
    CLI::Option* model = verb->add_option("MODEL", options->model, "the model")->required();
    verb->add_flag("--tensors", options->tensors, "list every tensor as well");
    verb->add_flag_callback(
        "--supported",
        [options, model] {
            options->supported = true;
            model->required(false);
        },
        "list the architectures that can be run; no model is needed");
    verb->callback(
        [options, &action] { action = [options](Console& console) { return run(*options, console); }; });
}

} // namespace eigenquant::cli
