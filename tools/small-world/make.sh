#!/bin/sh
# Makes the model models/small-world anew: texts, tokenizer, training, weights in bfloat16, comparison with the entropy.
#
#   sh tools/small-world/make.sh DIR     a directory that does not exist; about 500 MB, an hour and a half on two cores
set -eu
[ $# -eq 1 ] || { echo "usage: sh tools/small-world/make.sh DIR" >&2; exit 2; }
[ ! -e "$1" ] || { echo "error: $1 exists already; choose another directory" >&2; exit 2; }
inlay=$(CDPATH='' cd -- "${0%/*}/../.." && pwd -P)/inlay
mkdir -p "$1"
"$inlay" world --out "$1/world" --rows 200000
"$inlay" tokenizer --data "$1/world/text,$1/world/chat" --size 2048 --out "$1/tokenizer"
# Copying comes at once after a plateau, which is short where nearly everything returns and steps are many.
"$inlay" world --out "$1/returns" --rows 50000 --register route,roll,notice,week,guild
"$inlay" pretrain --data "$1/returns/text" --tokenizer "$1/tokenizer" --out "$1/copying" \
    --layers 6 --width 160 --heads 5 --context 512 --dtype bfloat16 \
    --batch-tokens 2048 --learning-rate 3e-3 --warmup 0.02 --eval-every 100 --save-every 100 --steps 2500
"$inlay" pretrain --data "$1/world/text,$1/world/chat" --model "$1/copying/model" --out "$1/run" --dtype bfloat16 \
    --batch-tokens 4096 --learning-rate 3e-3 --warmup 0.02 --eval-every 400 --save-every 200 --steps 7000
"$inlay" merge --model "$1/run/model" --dtype bfloat16 --out "$1/small-world"
"$inlay" world floors --model "$1/small-world" --world "$1/world"
