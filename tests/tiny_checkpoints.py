"""Tiny checkpoints of real families, randomly initialised: right shapes and files, no knowledge.

They prove plumbing (processor, generation, saving, loading) and nothing about sight; no test
asks whether what they say is true. Also a command: `python tiny_checkpoints.py KIND FOLDER`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

WORDS = [
    "What is in the picture? A red car stands on the left, a person walks on the right.",
    "How many chairs are there? There are two chairs and one table near the window.",
    "图片里有什么？一只猫在椅子上。 Question: Answer: user assistant system",
]
TURNS = (
    "{% for message in messages %}{{ message['role'] }}: "
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}</s>\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
MARKS = ["<pad>", "<s>", "</s>", "<unk>", "<image>"]


def tokenizer(marks: list[str] = MARKS, **more: Any) -> Any:
    """A byte-level BPE tokenizer trained on a few sentences."""
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=marks,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(WORDS, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        **more,
    )


def _text(words: int, **more: Any) -> dict[str, Any]:
    """A Llama-like language model's shape."""
    return {
        "vocab_size": words,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        **more,
    }


def _eager_to_go_on(model: Any) -> Any:
    """A model whose random weights do not happen to prefer the end of a sentence."""
    head = model.get_output_embeddings()
    if head.bias is None:
        with torch.no_grad():
            head.weight[:5] *= 0.01
    model.generation_config.eos_token_id = 2
    model.generation_config.pad_token_id = 0
    return model


def llava(folder: Path) -> None:
    """LLaVA: a CLIP tower of 32 x 32 pixels (16 patches), a Llama-like model, chat turns."""
    words = tokenizer(extra_special_tokens={"image_token": "<image>"})
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=32,
            patch_size=8,
        ),
        text_config=transformers.LlamaConfig(**_text(len(words))),
        image_token_index=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
    )
    model = _eager_to_go_on(transformers.LlavaForConditionalGeneration(config))
    images = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    processor = transformers.LlavaProcessor(
        image_processor=images,
        tokenizer=words,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TURNS,
    )
    _save(folder, model, processor)


def blip2(folder: Path) -> None:
    """BLIP-2: a ViT, a Q-Former with four queries, OPT; no chat turns."""
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    words = tokenizer()
    config = transformers.Blip2Config(
        vision_config=transformers.Blip2VisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=32,
            patch_size=8,
        ).to_dict(),
        qformer_config=transformers.Blip2QFormerConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            encoder_hidden_size=32,
        ).to_dict(),
        text_config=transformers.OPTConfig(
            vocab_size=len(words),
            hidden_size=32,
            word_embed_proj_dim=32,
            ffn_dim=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=512,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        ).to_dict(),
        num_query_tokens=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    model = _eager_to_go_on(transformers.Blip2ForConditionalGeneration(config))
    images = BlipImageProcessorPil(size={"height": 32, "width": 32})
    _save(folder, model, transformers.Blip2Processor(images, words, num_query_tokens=4))


def smolvlm(folder: Path) -> None:
    """SmolVLM: a SigLIP-like tower of 32 x 32 pixels, pixel shuffle, a Llama-like model."""
    marks = ["<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
    words = tokenizer([*MARKS, *marks])
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "image_size": 32,
        "patch_size": 8,
    }
    config = transformers.SmolVLMConfig(
        vision_config=vision,
        text_config={"model_type": "llama", **_text(len(words))},
        image_token_id=words.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=0,
    )
    model = _eager_to_go_on(transformers.SmolVLMForConditionalGeneration(config))
    images = transformers.SmolVLMImageProcessor(
        size={"longest_edge": 32},
        max_image_size={"longest_edge": 32},
        do_image_splitting=False,
    )
    processor = transformers.SmolVLMProcessor(
        image_processor=images,
        tokenizer=words,
        video_processor=transformers.SmolVLMVideoProcessor(size={"longest_edge": 32}),
        image_seq_len=4,
        chat_template=TURNS,
    )
    _save(folder, model, processor)


_QWEN_MARKS = (
    "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>",
)  # fmt: skip


def _qwen_words() -> Any:
    return tokenizer(["<pad>", "<s>", "</s>", "<unk>", *_QWEN_MARKS])


def _qwen_processor(kind: Any, images: Any, videos: Any, words: Any) -> Any:
    template = TURNS.replace("<image>\n", "<|vision_start|><|image_pad|><|vision_end|>")
    return kind(
        image_processor=images, tokenizer=words, video_processor=videos, chat_template=template
    )


def _qwen_config(words: Any) -> dict[str, Any]:
    ids = dict(zip(_QWEN_MARKS, words.convert_tokens_to_ids(list(_QWEN_MARKS)), strict=True))
    return {
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
    }


def qwen2_5_vl(folder: Path) -> None:
    """Qwen2.5-VL: pictures of any size, positions in three dimensions."""
    words = _qwen_words()
    sections = {"type": "default", "rope_type": "default", "mrope_section": [1, 1, 2]}
    config = transformers.Qwen2_5_VLConfig(
        text_config={**_text(len(words)), "rope_parameters": {**sections, "rope_theta": 10_000.0}},
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "patch_size": 8,
            "fullatt_block_indexes": [1],
            "window_size": 32,
        },
        **_qwen_config(words),
    )
    model = _eager_to_go_on(transformers.Qwen2_5_VLForConditionalGeneration(config))
    size = {"shortest_edge": 256, "longest_edge": 4096}
    images = transformers.Qwen2VLImageProcessor(patch_size=8, size=size)
    videos = transformers.Qwen2VLVideoProcessor(patch_size=8)
    _save(folder, model, _qwen_processor(transformers.Qwen2_5_VLProcessor, images, videos, words))


def qwen3_vl(folder: Path) -> None:
    """Qwen3-VL: as Qwen2.5-VL, with features of several layers of the tower."""
    words = _qwen_words()
    sections = {"rope_type": "default", "mrope_section": [2, 1, 1], "mrope_interleaved": True}
    config = transformers.Qwen3VLConfig(
        text_config={
            **_text(len(words), head_dim=8),
            "rope_parameters": {**sections, "rope_theta": 10_000.0},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "patch_size": 8,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        **_qwen_config(words),
    )
    model = _eager_to_go_on(transformers.Qwen3VLForConditionalGeneration(config))
    size = {"shortest_edge": 256, "longest_edge": 4096}
    images = transformers.Qwen2VLImageProcessor(patch_size=8, size=size)
    videos = transformers.Qwen3VLVideoProcessor(patch_size=8)
    _save(folder, model, _qwen_processor(transformers.Qwen3VLProcessor, images, videos, words))


def rt_detr(folder: Path) -> None:
    """RT-DETR on a small ResNet, with three of COCO's labels as that checkpoint spells them."""
    backbone = transformers.RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 12, 16, 24],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = transformers.RTDetrConfig(
        backbone_config=backbone,
        encoder_hidden_dim=16,
        encoder_in_channels=[12, 16, 24],
        encoder_ffn_dim=16,
        encoder_layers=1,
        encoder_attention_heads=2,
        d_model=16,
        decoder_in_channels=[16, 16, 16],
        decoder_layers=2,
        decoder_ffn_dim=16,
        decoder_attention_heads=2,
        num_queries=20,
        num_denoising=0,
        id2label={0: "person", 1: "motorbike", 2: "unheard-of_thing"},
    )
    config.label2id = {name: id for id, name in config.id2label.items()}
    model = transformers.RTDetrForObjectDetection(config)
    images = transformers.RTDetrImageProcessorPil(size={"height": 64, "width": 64})
    _save(folder, model, images)


def owlvit(folder: Path) -> None:
    """OWL-ViT: finds what it is asked for by name."""
    _owl(folder, "OwlViT", "Pil")


def owlv2(folder: Path) -> None:
    """OWLv2: the same with another head; its processor needs scipy or torchvision."""
    _owl(folder, "Owlv2", "")


def _owl(folder: Path, family: str, backend: str) -> None:
    words = tokenizer(["<pad>", "<s>", "</s>", "<unk>"], model_max_length=16)
    tower = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    config = getattr(transformers, f"{family}Config")(
        text_config={
            **tower,
            "vocab_size": len(words),
            "max_position_embeddings": 16,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 2,
        },
        vision_config={**tower, "image_size": 64, "patch_size": 16},
        projection_dim=32,
    )
    model = getattr(transformers, f"{family}ForObjectDetection")(config)
    with torch.no_grad():  # boxes that random weights would push out of the picture
        for parameter in model.box_head.parameters():
            parameter.mul_(0.02)
    images = getattr(transformers, f"{family}ImageProcessor{backend}")(
        size={"height": 64, "width": 64}
    )
    _save(folder, model, getattr(transformers, f"{family}Processor")(images, words))


def _towers(words: int, length: int, projection: str) -> dict[str, Any]:
    """The shapes of two small towers that meet in 24 dimensions."""
    shape = {"intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    text = {"hidden_size": 24, "vocab_size": words, "max_position_embeddings": length, **shape}
    picture = {"hidden_size": 24, "image_size": 32, "patch_size": 8, **shape}
    return {"text_config": {**text, projection: 24}, "vision_config": picture}


def clip(folder: Path) -> None:
    """CLIP: byte-level words that end in `</w>`, 77 tokens, a causal text tower."""
    marks = ["<|startoftext|>", "<|endoftext|>"]
    made = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=marks, initial_alphabet=letters, show_progress=False,
        end_of_word_suffix="</w>",
    )  # fmt: skip
    made.train_from_iterator([text.lower() for text in WORDS], trainer)
    learnt = json.loads(made.to_str())["model"]
    pieces = dict.fromkeys([*letters, *(f"{one}</w>" for one in letters), *learnt["vocab"]])
    pieces = [piece for piece in pieces if piece not in marks]
    vocab = {
        piece: id for id, piece in enumerate([*pieces, *marks])
    }  # the end is the last, as CLIP's
    words = transformers.CLIPTokenizer(
        vocab=vocab, merges=[tuple(pair) for pair in learnt["merges"]], model_max_length=77
    )
    config = transformers.CLIPConfig(**_towers(len(vocab), 77, "projection_dim"), projection_dim=24)
    config.text_config.bos_token_id, config.text_config.eos_token_id = (
        len(vocab) - 2,
        len(vocab) - 1,
    )
    images = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    _save(folder, transformers.CLIPModel(config), transformers.CLIPProcessor(images, words))


def _gemma_words() -> Any:
    """A tokenizer like Gemma's as SigLIP 2 has it: pieces and bytes, an end token, no beginning."""
    from tokenizers.processors import TemplateProcessing

    marks = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    bytes_ = [f"<0x{n:02X}>" for n in range(256)]
    letters = sorted({letter for text in WORDS for letter in text.lower() if letter != " "})
    pieces = dict.fromkeys([*marks, *bytes_, "\u2581", *letters])
    words = transformers.Siglip2Tokenizer(
        vocab={piece: id for id, piece in enumerate(pieces)}, merges=[], padding_side="right",
        model_input_names=["input_ids"],
    )  # fmt: skip
    words.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", 1)]
    )
    return words


def _siglip(folder: Path, words: Any) -> None:
    config = transformers.SiglipConfig(**_towers(len(words), 64, "projection_size"))
    model = transformers.SiglipModel(config)
    images = transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32}, resample=2)
    _save(folder, model, transformers.SiglipProcessor(images, words))


def siglip(folder: Path) -> None:
    """SigLIP: `</s>` ends and pads its texts."""
    words = tokenizer(["<unk>", "</s>"], model_max_length=64)
    words.pad_token = "</s>"
    _siglip(folder, words)


def siglip2(folder: Path) -> None:
    """SigLIP 2 of fixed size: SigLIP's architecture, Gemma's tokenizer."""
    _siglip(folder, _gemma_words())


def siglip2_naflex(folder: Path) -> None:
    """SigLIP 2 NaFlex: at most 16 patches in the picture's own aspect."""
    words = _gemma_words()
    shapes = _towers(len(words), 64, "projection_size")
    del shapes["vision_config"]["image_size"]
    shapes["vision_config"]["num_patches"] = 16
    model = transformers.Siglip2Model(transformers.Siglip2Config(**shapes))
    images = transformers.Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16)
    _save(folder, model, transformers.Siglip2Processor(images, words))


def _save(folder: Path, model: Any, processor: Any) -> None:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


KINDS: dict[str, Callable[[Path], None]] = {
    "llava": llava,
    "blip2": blip2,
    "clip": clip,
    "siglip": siglip,
    "siglip2": siglip2,
    "siglip2_naflex": siglip2_naflex,
    "rt_detr": rt_detr,
    "owlv2": owlv2,
    "owlvit": owlvit,
    "smolvlm": smolvlm,
    "qwen2_5_vl": qwen2_5_vl,
    "qwen3_vl": qwen3_vl,
}


def make(kind: str, folder: Path) -> Path:
    """A checkpoint of a kind in a folder, the same each time."""
    torch.manual_seed(4)
    KINDS[kind](folder)
    return folder


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
