"""Commands whose arguments are texts: one that begins with a hyphen is still a text."""

import click

from ckgqa.runtime.words import is_option


class TextCommand(click.Command):
    """A command that takes a word such as `-谁是导演` for an argument; a mistyped option is refused as ever."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Move the texts behind `--`, where click takes every word for an argument."""
        takes_value = {
            name: not parameter.is_flag
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        options: list[str] = []
        texts: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                texts += words
            elif word.startswith("-") and len(word) > 1 and is_option(word):
                options.append(word)
                if takes_value.get(word):
                    value = next(words, None)
                    if value is None:  # click's own refusal
                        return super().parse_args(ctx, [word])
                    options.append(value)
            else:
                texts.append(word)
        return super().parse_args(ctx, [*options, "--", *texts])
