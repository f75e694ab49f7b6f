"""Writes test/fixtures/models/: three small models from PyTorch's own ONNX exporter, to run and to read.

convolutional.onnx   convolutions, pooling, upsampling, symbolic batch
transformer.onnx     token ids and a mask with symbolic batch and sequence
external.onnx        its weights in external.onnx.data

Run in an environment with torch, onnx and onnxscript: python tools/export-models.py
"""
import json
import pathlib

import onnx
import torch
from torch import nn

torch.manual_seed(20)
folder = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "models"
folder.mkdir(parents=True, exist_ok=True)


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.SiLU())
        self.depthwise = nn.Conv2d(16, 16, 5, padding=2, groups=16)
        self.down = nn.Conv2d(16, 32, 3, stride=2, padding=1, dilation=1)
        self.up = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.head = nn.Linear(16, 10)

    def forward(self, image):
        x = self.stem(image)
        y = torch.relu(self.depthwise(x))
        z = nn.functional.max_pool2d(y, 3, stride=1, padding=1, ceil_mode=True)
        z = self.up(torch.relu(self.down(z)))
        z = torch.cat([z, y], dim=1)
        z = nn.functional.interpolate(z, scale_factor=2.0, mode="nearest")
        left, _ = z.chunk(2, dim=1)
        return self.head(left.mean(dim=(2, 3)))


class Transformer(nn.Module):
    def __init__(self, vocabulary=101, width=32, positions=64):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.places = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.heads = 4

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, input_ids, attention_mask):
        x = self.words(input_ids) + self.places(torch.arange(input_ids.shape[1]))
        y = self.norm(x)
        allowed = attention_mask[:, None, None, :].bool()
        mixed = nn.functional.scaled_dot_product_attention(
            self.split(self.query(y)), self.split(self.key(y)), self.split(self.value(y)), attn_mask=allowed
        )
        x = x + mixed.transpose(1, 2).reshape(x.shape)
        x = x + self.outer(nn.functional.gelu(self.inner(self.norm(x))))
        return x @ self.words.weight.T


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 16))

    def forward(self, features):
        return torch.softmax(self.layers(features), dim=-1)


batch = torch.export.Dim("batch", min=1, max=64)
sequence = torch.export.Dim("sequence", min=2, max=64)


def export(model, args, name, dynamic, external=False):
    torch.onnx.export(
        model.eval(), args, folder / name, dynamo=True, dynamic_shapes=dynamic, external_data=external, verbose=False
    )
    # The exporter's notes on where each node came from name the folders of this machine.
    saved = onnx.load(folder / name, load_external_data=False)
    saved.ClearField("metadata_props")
    saved.graph.ClearField("metadata_props")
    for part in (*saved.graph.node, *saved.graph.input, *saved.graph.output, *saved.graph.value_info):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.save(saved, folder / name)
    return name


names = [
    export(Convolutional(), (torch.randn(2, 3, 32, 32),), "convolutional.onnx", ({0: batch},)),
    export(
        Transformer(),
        (torch.ones(2, 16, dtype=torch.int64), torch.ones(2, 16, dtype=torch.int64)),
        "transformer.onnx",
        ({0: batch, 1: sequence}, {0: batch, 1: sequence}),
    ),
    export(Mlp(), (torch.randn(2, 64),), "external.onnx", ({0: batch},), external=True),
]


def facts(name):
    """What the onnx package says of the file."""
    model = onnx.load(folder / name)
    onnx.checker.check_model(model)
    graph = model.graph
    operators = {}
    for node in graph.node:
        operators[node.op_type] = operators.get(node.op_type, 0) + 1
    return {
        "ir_version": model.ir_version,
        "opset": next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")),
        "nodes": len(graph.node),
        "operators": operators,
        "initializers": {tensor.name: list(tensor.dims) for tensor in graph.initializer},
        "inputs": [
            [value.name, [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]]
            for value in graph.input
        ],
        "outputs": [
            [value.name, [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]]
            for value in graph.output
        ],
    }


(folder / "facts.json").write_text(json.dumps({name: facts(name) for name in names}, indent=1) + "\n")
