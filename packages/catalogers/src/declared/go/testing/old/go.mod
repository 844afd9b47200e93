module example.com/whole

go 1.15

require (
	github.com/gin-gonic/gin v1.7.7
	github.com/stretchr/testify v1.8.0
	golang.org/x/text v0.4.0
)

replace golang.org/x/crypto => golang.org/x/crypto v0.1.0
