# completions.zsh - what zsh offers: completions.zsh FOLDER LINE HITS
#
# A zsh on a terminal of its own gets the line typed and a tab. The matches that the functions of
# FOLDER add there are written into the file HITS, too.
zmodload zsh/zpty || exit 1
zpty inner zsh -f -i
zpty -w inner "PS1= PS2= hits=${(qq)3}
fpath=(${(qq)1} \$fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
	local -a added
	if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
		builtin compadd \"\$@\"
		return
	fi
	builtin compadd -A added \"\$@\"
	print -rl -- \$added >>\$hits
	builtin compadd \"\$@\"
}
LISTMAX=9999
zstyle ':completion:*' completer _complete
finished() { print -r -- IT'IS'COMPLETED }
comppostfuncs=(finished)
bindkey '^I' complete-word
print -r -- IT'IS'READY"
zpty -r inner said '*ITISREADY*'
zpty -n -w inner "$2"$'\t'
zpty -r inner said '*ITISCOMPLETED*'
zpty -d inner
